"""Tables of sigma and beta convergence and of convergence clubs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.convergence.settings import FRAMES
from shuyi.publish.layout import grouped_rows, unit_names
from shuyi.publish.notes import all_weights_notes, joined, panel_notes, region_name, regions_note
from shuyi.publish.numbers import (
    MISSING,
    RATIO_DECIMALS,
    SHARE_DECIMALS,
    TableOptions,
    count,
    in_parentheses,
    interval,
    number,
    p_value,
)
from shuyi.publish.table import Table, build_table
from shuyi.regions import EVERY, in_order

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights


NONE = 0
KINDS = ("absolute", "conditional")
SPATIAL_BASES = {"sem": ("coefficient",)}
"""In an error model the direct and total effects are the coefficient."""
WIDTHS_CLUBS = (0.16, 0.06, 0.08, 0.08, 0.08, 0.54)


def convergence_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    weights: Mapping[str, Weights],
    controls: Sequence[str],
) -> tuple[Table, ...]:
    """Return the tables of convergence and of its clubs.

    Parameters
    ----------
    frames : mapping
        Of `shuyi.analyses.convergence.frames.convergence_frames`.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    weights : mapping of str to Weights
        Of the spatial models, by name.
    controls : sequence of str
        Of conditional convergence.

    Returns
    -------
    tuple of Table
        In the order of their numbers.
    """
    notes = panel_notes(frames["paths"], labels)
    linked = [*all_weights_notes(weights, labels), *notes]
    return (
        convergence_table(frames, labels, options, controls=controls, notes=linked),
        convergence_clubs_table(frames, labels, options, notes=notes),
    )


def convergence_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    controls: Sequence[str],
    notes: Sequence[str] = (),
) -> Table:
    """Return the table of sigma, absolute and conditional beta, and spatial beta convergence.

    Parameters
    ----------
    frames : mapping
        ``sigma``, ``sigma_trends``, ``beta``, ``spatial_beta`` and ``beta_null`` of
        `shuyi.analyses.convergence.frames.convergence_frames`.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    controls : sequence of str
        Of conditional convergence.
    notes : sequence of str, default empty
        Weights, sample and source.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    data = convergence_rows(frames)
    headings = [
        labels.text(f"convergence.{name}")
        for name in (
            *("estimate", "std_error", "null_mean", "null_range", "p", "speed", "half_life"),
            *("dependence", "lagged", "observations"),
        )
    ]
    display = pd.DataFrame([_regression_cells(r, options) for r in data.itertuples()], columns=headings)
    groups = [
        labels.text(f"convergence.block.{b}", variable=labels.term(v))
        for b, v in zip(data["block"], data["variable"], strict=True)
    ]
    display.index = grouped_rows(groups, [_regression(r, labels) for r in data.itertuples()])
    listed = joined([labels.term(c) for c in controls], labels)
    span = int(frames["spatial_beta"]["span"].iloc[0])
    missing = data[data["status"].ne("estimated") & ~data["status"].isin(["one unit", "two units"])]
    null = frames["beta_null"]
    texts = [
        labels.text("table.convergence.note", span=span),
        labels.text("table.convergence.sigma"),
        labels.text("table.convergence.half_life"),
        labels.text("table.convergence.effects"),
        labels.text("table.convergence.controls", controls=listed),
        _null_note(null, labels),
        *_corrected_notes(null, labels),
        labels.text("table.convergence.missing") if len(missing) else "",
        regions_note(frames["sigma"], labels),
        *notes,
    ]
    return build_table("convergence", labels, data=data, display=display, notes=texts)


HALF_LIFE_LEVEL = 0.05
"""Of the test of beta whose rejection a speed and a half-life need."""
CONVERGENCE_BLOCKS = ("sigma_cv", "sigma_sd_log", *(f"{s}{k}" for s in ("", "spatial_") for k in KINDS))
LONGEST = 100
"""Years beyond which a half-life says no more than that."""
NULL = ("null_mean", "null_low", "null_high", "null_p_value")
"""What random walks give where the row is a panel regression."""
CONVERGENCE_COLUMNS = (
    *("variable", "block", "region", "design", "model", "basis", "effects", "covariance", "estimate"),
    *("std_error", "p_value", "speed", "speed_std_error", "half_life", "dependence", "dependence_std_error"),
    *("dependence_p_value", "lagged_initial", "lagged_std_error", "lagged_p_value", "n_units", "n_obs"),
    *("loglik", "r2", "status", *NULL),
)


def convergence_rows(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every trend and regression of convergence in one form, by variable and block.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``sigma_trends``, ``beta``, ``spatial_beta`` and ``beta_null`` of
        `shuyi.analyses.convergence.frames.convergence_frames`.

    Returns
    -------
    DataFrame
        `CONVERGENCE_COLUMNS`; ``dependence`` is rho, or lambda of an error model; what a row has not is NaN.
    """
    trends = frames["sigma_trends"].rename(columns={"slope": "estimate", "n_periods": "n_obs"})
    trends = trends.assign(block="sigma_" + trends["measure"], covariance="jackknife", status="estimated")
    few = trends["verdict"].isin(["one unit", "two units"])
    trends.loc[few, "status"] = trends["verdict"]
    beta = frames["beta"].rename(columns={"b": "estimate"})
    beta = beta.assign(block=beta["kind"])
    spatial = frames["spatial_beta"]
    spatial = spatial[[_is_shown(m, b) for m, b in zip(spatial["model"], spatial["basis"], strict=True)]]
    spatial = spatial.assign(block="spatial_" + spatial["kind"], region=EVERY, status="estimated")
    for suffix in ("", "_std_error", "_p_value"):
        spatial[f"dependence{suffix}"] = spatial[f"rho{suffix}"].fillna(spatial[f"lam{suffix}"])
    parts = [
        part[(part["variable"] == variable) & (part["block"] == block)].reindex(columns=CONVERGENCE_COLUMNS)
        for variable in dict.fromkeys(trends["variable"])
        for block in CONVERGENCE_BLOCKS
        for part in (_in_region_order(trends), _in_region_order(beta), spatial)
    ]
    rows = pd.concat([part.astype(object) for part in parts if len(part)], ignore_index=True).infer_objects()
    return _with_null(rows, frames["beta_null"])


def _with_null(rows: pd.DataFrame, null: pd.DataFrame) -> pd.DataFrame:
    """Add what random walks give to the panel and spatial regressions."""
    keys = ["variable", "block", "design", "model", "basis"]
    spatial = null["model"] != "ols"
    beside = null.assign(
        block=("spatial_" + null["kind"]).where(spatial, null["kind"]),
        design=pd.Series("panel", null.index).where(~spatial),
        model=null["model"].where(spatial),
        basis=null["basis"].where(spatial),
        null_p_value=null["p_value"],
    )[[*keys, *NULL]]
    filled = rows.drop(columns=list(NULL)).assign(**{k: rows[k].fillna("") for k in keys})
    found = filled[keys].merge(beside.fillna(dict.fromkeys(keys, "")), on=keys, how="left")
    return rows.assign(**{name: found[name].to_numpy() for name in NULL})


def _regression_cells(row: Any, options: TableOptions) -> tuple[str, ...]:
    """Return the cells of one row of the table of convergence; slopes of dispersion carry one more digit."""
    d = options.decimals
    errors = replace(options, uncertainty="std_error")
    fine = replace(errors, decimals=d + 1) if row.block.startswith("sigma") else errors
    whole = row.basis == "total"
    p = row.null_p_value if row.design != "cross_section" and row.block[:5] != "sigma" else row.p_value
    meant = p < HALF_LIFE_LEVEL
    return (
        number(row.estimate, fine.decimals),
        in_parentheses(row.std_error, row.estimate / row.std_error, row.p_value, fine),
        number(row.null_mean, d),
        interval(row.null_low, row.null_high, d) if row.null_low == row.null_low else MISSING,
        p_value(p, d),
        number(100 * row.speed if meant else None, RATIO_DECIMALS),
        _half_life(row.half_life) if meant else MISSING,
        "" if whole else number(row.dependence, d),
        "" if whole else number(row.lagged_initial, d),
        count(row.n_obs),
    )


def _half_life(years: float) -> str:
    return f">{LONGEST}" if years > LONGEST else number(years, SHARE_DECIMALS)


def _null_note(null: pd.DataFrame, labels: Labels) -> str:
    if null.empty:
        return labels.text("table.convergence.no_null")
    first = null.iloc[0]
    return labels.text("table.convergence.nickell", draws=count(first["draws"]), seed=int(first["seed"]))


def _corrected_notes(null: pd.DataFrame, labels: Labels) -> list[str]:
    """Return the estimates of conditional beta that are corrected for their bias."""
    return [
        labels.text(
            "table.convergence.corrected",
            variable=labels.term(row.variable),
            corrected=number(row.corrected, CORRECTED_DECIMALS),
            interval=interval(row.corrected_low, row.corrected_high, CORRECTED_DECIMALS),
            half_panel=number(row.half_panel, CORRECTED_DECIMALS),
        )
        for row in null[null["corrected"].notna()].itertuples()
    ]


CORRECTED_DECIMALS = 3


def _is_shown(model: str, basis: str) -> bool:
    return basis in SPATIAL_BASES.get(model, ("coefficient", "total"))


def _in_region_order(frame: pd.DataFrame) -> pd.DataFrame:
    order = {name: i for i, name in enumerate(in_order(frame["region"]))}
    return frame.iloc[frame["region"].map(order).argsort(kind="stable")]


def _regression(row: Any, labels: Labels) -> str:
    if row.block.startswith("sigma"):
        return region_name(row.region, labels)
    if row.block.startswith("spatial"):
        return labels.text(f"convergence.basis.{row.basis}", model=labels.text(f"convergence.{row.model}"))
    return labels.text(f"convergence.{row.design}", region=region_name(row.region, labels))


def convergence_clubs_table(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return the table of convergence clubs with their log t tests and members.

    Parameters
    ----------
    frames : mapping
        ``clubs`` and ``club_tests`` of `shuyi.analyses.convergence.frames.convergence_frames`.
    labels, options
        As `inequality_table`.
    notes : sequence of str, default empty
        Weights, sample and source.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    data = frames["club_tests"]
    shown = data[data["stage"] != "initial"]
    lines: list[tuple[str, ...]] = []
    for variable, tests in shown.groupby("variable", sort=False):
        clubs = frames["clubs"][frames["clubs"]["variable"] == variable]
        group = labels.text("clubs.group", variable=labels.term(str(variable)))
        lines += [(group, *_club_line(row, clubs, labels, options)) for row in tests.itertuples()]
        alone = list(clubs.loc[clubs["club"] == NONE, "unit"])
        if alone:
            numbers = (count(len(alone)), *([MISSING] * 3))
            lines.append((group, labels.text("clubs.none"), *numbers, unit_names(alone, labels)))
    headings = [labels.text(f"clubs.{name}") for name in ("n", "b", "std_error", "t", "members")]
    display = pd.DataFrame([line[2:] for line in lines], columns=headings)
    display.index = grouped_rows([line[0] for line in lines], [line[1] for line in lines])
    texts = [
        labels.text("table.convergence_clubs.note"),
        labels.text("table.convergence_clubs.weakness"),
        *notes,
    ]
    return build_table(
        "convergence_clubs", labels, data=data, display=display, notes=texts, widths=WIDTHS_CLUBS
    )


def _club_line(row: Any, clubs: pd.DataFrame, labels: Labels, options: TableOptions) -> tuple[str, ...]:
    numbers = (
        count(row.n_units),
        number(row.b, options.decimals),
        number(row.std_error, options.decimals),
        number(row.t, RATIO_DECIMALS),
    )
    if row.stage == "overall":
        return (
            labels.text("clubs.all"),
            *numbers,
            labels.text("clubs.rejected" if not row.converges else "clubs.kept"),
        )
    members = clubs[clubs["club"] == row.club].sort_values("transition", ascending=False)
    return labels.text("clubs.club", number=row.club), *numbers, unit_names(list(members["unit"]), labels)


def print_tables(page: Page) -> tuple[Table, ...]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    tuple of Table
        In the order of the paper.
    """
    p = page.settings
    return convergence_tables(
        page.sources.frames(FRAMES),
        page.labels,
        page.options,
        weights={p["weights"]: page.sources.weights("neighbours")},
        controls=p["controls"],
    )
