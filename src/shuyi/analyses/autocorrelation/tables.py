"""The table of Moran's I by year and weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.multiplicity import multiplicity_note
from shuyi.errors import DataError, offenders
from shuyi.publish.layout import grouped_rows, in_two_lines
from shuyi.publish.notes import all_weights_notes, joined, label_or, sample_note, source_note, stars_note
from shuyi.publish.numbers import TableOptions, count, number, p_value, stars
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


Z_DECIMALS = 2
CIRCULAR = "°"
"""Stands for a statistic that its weights make."""
MORAN_WIDTH = 20
"""Width of the three columns of a variable in the table, in letters."""


def moran_table(
    moran: pd.DataFrame, labels: Labels, options: TableOptions, *, weights_notes: Sequence[str] = ()
) -> Table:
    """Return the table of Moran's I by weights and year, one block of columns per variable.

    Parameters
    ----------
    moran : DataFrame
        Rows of global Moran's I (`shuyi.esda.GlobalStatistics.to_frame`): variable, weights, period, n,
        value, expected, z_random, p_permuted, permutations, seed, alternative.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    weights_notes : sequence of str, default empty
        A sentence on each of the weights and its islands.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.

    Raises
    ------
    DataError
        If rows differ in permutations, seed, alternative or n, which one note must state for all.
    """
    data = moran.loc[moran["statistic"] == "moran"] if "statistic" in moran else moran
    _check_one_value(data, ("permutations", "seed", "alternative", "n"))
    keys = list(dict.fromkeys(zip(data["weights"], data["period"], strict=True)))
    blocks = [_moran_block(data, variable, keys, labels, options) for variable in data["variable"].unique()]
    display = pd.concat(blocks, axis=1)
    groups = [label_or(labels, f"weights.{w}", w) for w, _ in keys]
    display.index = grouped_rows(groups, [str(period) for _, period in keys])
    first, years = data.iloc[0], sorted(data["period"].unique())
    notes = [
        labels.text("table.moran.note", expected=number(first["expected"], 4)),
        labels.text(
            "note.permutations",
            permutations=count(first["permutations"]),
            seed=first["seed"],
            alternative=labels.text(f"alternative.{first['alternative']}"),
        ),
        multiplicity_note(data.loc[~circular(data), "p_permuted"].to_numpy(dtype=float), labels),
        labels.text("table.moran.multiplicity"),
        stars_note(options, labels),
        *_circular_notes(data, labels),
        *weights_notes,
        sample_note(int(first["n"]), years, labels),
        source_note(labels),
    ]
    return build_table("moran", labels, data=data, display=display, notes=notes)


def circular(rows: pd.DataFrame) -> pd.Series:
    """Return which rows test a variable under weights that are built from it.

    Parameters
    ----------
    rows : DataFrame
        With or without a column ``circular``.

    Returns
    -------
    Series of bool
    """
    if "circular" not in rows:
        return pd.Series(False, index=rows.index)
    return rows["circular"].fillna(False).astype(bool)


def _circular_notes(data: pd.DataFrame, labels: Labels) -> list[str]:
    own = data[circular(data)]
    if own.empty:
        return []
    notes = []
    for variable, rows in own.groupby("built_from", sort=False):
        cells = [
            labels.text(
                "table.moran.circular_one",
                weights=label_or(labels, f"weights.{name}", str(name)),
                variables=joined([labels.term(v) for v in part["variable"].unique()], labels),
            )
            for name, part in rows.groupby("weights", sort=False)
        ]
        texts = labels.text("distribution.semicolon").join(cells)
        notes += [
            labels.text("table.moran.circular", variable=labels.term(str(variable))),
            labels.text("table.moran.circular_cells", texts=texts),
        ]
    return notes


def _moran_block(
    data: pd.DataFrame, variable: str, keys: Sequence[tuple[str, int]], labels: Labels, options: TableOptions
) -> pd.DataFrame:
    rows = data[data["variable"] == variable].set_index(["weights", "period"]).reindex(keys)
    block = pd.DataFrame(
        {
            "I": [
                CIRCULAR
                if own
                else number(i, options.decimals) + stars(round(p, options.decimals), options.stars)
                for i, p, own in zip(rows["value"], rows["p_permuted"], circular(rows), strict=True)
            ],
            "z": [number(z, Z_DECIMALS) for z in rows["z_random"]],
            "p": [p_value(p, options.decimals) for p in rows["p_permuted"]],
        }
    )
    block.loc[circular(rows).to_numpy(), ["z", "p"]] = ""
    heading = in_two_lines(labels.term(variable), MORAN_WIDTH)
    block.columns = pd.MultiIndex.from_product([[heading], block.columns])
    return block


def _check_one_value(data: pd.DataFrame, columns: Sequence[str]) -> None:
    mixed = [f"{c}: {offenders(data[c].unique())}" for c in columns if data[c].nunique() != 1]
    if mixed:
        raise DataError(
            "Rows of one table rest on different settings.", expected="one value each", found="; ".join(mixed)
        )


def print_tables(page: Page) -> tuple[Table, ...]:
    """Return the table of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    tuple of Table
        In the order of the paper.
    """
    weights = page.sources.all_weights("weights", page.settings["moran"]["weights"])
    notes = all_weights_notes(weights, page.labels)
    return (moran_table(page.sources.frame("moran"), page.labels, page.options, weights_notes=notes),)
