"""Tables of inequality: decompositions, regions, dispersion by indicator and contributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.inequality.settings import FRAMES
from shuyi.analyses.multiplicity import multiplicity_note
from shuyi.indices import load_scheme
from shuyi.publish.layout import grouped_rows
from shuyi.publish.notes import all_weights_notes, panel_notes, region_name, regions_note, unit_text
from shuyi.publish.numbers import RATIO_DECIMALS, SHARE_DECIMALS, TableOptions, count, number, p_value
from shuyi.publish.table import Table, build_table
from shuyi.regions import in_order

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights


THEIL, GINI = "theil", "gini"
PARTS = {
    THEIL: ("total", "between", "within"),
    GINI: ("total", "within", "net_between", "transvariation"),
}
ODD_MARK = "†"
"""Stands behind an extreme that rests on an odd figure."""
LARGE = 1000
"""Differences of means from here on are printed without decimals."""


def inequality_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    weights: Mapping[str, Weights],
    titles: Mapping[str, str],
    years: Sequence[int],
) -> tuple[Table, ...]:
    """Return the decompositions (one per region scheme), regions, dispersion and contributions.

    Parameters
    ----------
    frames : mapping
        Of `shuyi.analyses.inequality.frames.inequality_frames`.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    weights : mapping of str to Weights
        Neighbours of the spatial Gini coefficient, by name.
    titles : mapping
        Names of the indicators (`shuyi.indices.Scheme.titles`).
    years : sequence of int
        In the columns of dispersion and contributions.

    Returns
    -------
    tuple of Table
        In the order of their numbers.
    """
    sample = panel_notes(frames["provinces"], labels)
    return (
        inequality_table(frames["parts"], frames["regions"], labels, options, notes=sample),
        *_of_other_schemes(frames, labels, options, notes=sample),
        inequality_regions_table(
            frames, labels, options, notes=[*all_weights_notes(weights, labels), *sample]
        ),
        dispersion_table(frames["dispersion"], labels, options, titles=titles, years=years, notes=sample),
        contributions_table(frames["provinces"], labels, options, years=years, notes=sample),
    )


def _of_other_schemes(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str]
) -> list[Table]:
    parts, regions = frames["other_parts"], frames["other_regions"]
    schemes = list(dict.fromkeys(parts["region_scheme"])) if len(parts) else []
    tables = []
    for scheme in schemes:
        chosen, named_regions = (frame[frame["region_scheme"] == scheme] for frame in (parts, regions))
        tables.append(inequality_table(chosen, named_regions, labels, options, notes=notes, scheme=scheme))
    return tables


def inequality_table(
    parts: pd.DataFrame,
    regions: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    notes: Sequence[str] = (),
    scheme: str = "",
) -> Table:
    """Return the table of Theil and Dagum decompositions by year, with the shares of the parts.

    Parameters
    ----------
    parts : DataFrame
        Columns variable, period, measure (theil, gini), part, value, share.
    regions : DataFrame
        Columns region_scheme, region, n_units.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    notes : sequence of str, default empty
        Sample and source.
    scheme : str, default ""
        Region scheme that the table is named after; empty for that of the paper.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    wide = parts.pivot(index=["variable", "period"], columns=["measure", "part"], values=["value", "share"])
    keys = list(dict.fromkeys(zip(parts["variable"], parts["period"], strict=True)))
    wide = wide.reindex(pd.MultiIndex.from_tuples(keys))
    columns: dict[tuple[str, str], list[str]] = {}
    for measure, pieces in PARTS.items():
        spanner = labels.text(f"inequality.{measure}")
        for part in pieces:
            heading = (spanner, labels.text(f"inequality.part.{part}"))
            columns[heading] = [number(v, options.decimals) for v in wide["value", measure, part]]
        for part in pieces[1:]:
            heading = (spanner, labels.text("inequality.share", part=labels.text(f"inequality.part.{part}")))
            columns[heading] = [number(100 * v, SHARE_DECIMALS) for v in wide["share", measure, part]]
    display = pd.DataFrame(columns)
    display.index = grouped_rows([labels.term(v) for v, _ in keys], [str(period) for _, period in keys])
    texts = [labels.text("table.inequality.note"), regions_note(regions, labels), *notes]
    return build_table(
        f"inequality_{scheme}" if scheme else "inequality",
        labels,
        data=parts,
        display=display,
        notes=texts,
        kind="inequality",
        part=labels.text(f"distribution.scheme.{scheme}") if scheme else "",
    )


def inequality_regions_table(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return the table of inequality within regions, between pairs of them and between neighbours, by year.

    Parameters
    ----------
    frames : mapping
        ``regions``, ``pairs`` and ``spatial_gini`` of `shuyi.analyses.inequality.frames.inequality_frames`.
    labels, options
        As `inequality_table`.
    notes : sequence of str, default empty
        Weights, sample and source.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    regions = frames["regions"].assign(row=frames["regions"]["region"])
    pairs = frames["pairs"].assign(row=[_pair(*p) for p in frames["pairs"][["region", "other"]].to_numpy()])
    spatial = frames["spatial_gini"].rename(columns={"gini": "spatial"})
    blocks = [
        *(_long(regions, measure, "row") for measure in (THEIL, GINI)),
        *(_long(pairs, measure, "row", name) for measure, name in _PAIR_MEASURES.items()),
        *(_long(spatial.assign(row=m), m, "row", "spatial") for m in ("share_others", "p_value")),
    ]
    data = pd.concat(blocks, ignore_index=True)
    lines = []
    units = dict(zip(pairs["variable"], pairs["unit"], strict=True)) if "unit" in pairs else {}
    for variable in dict.fromkeys(data["variable"]):
        of_variable = data[data["variable"] == variable]
        for block in dict.fromkeys(data["block"]):
            wide = of_variable[of_variable["block"] == block].pivot(
                index="row", columns="period", values="value"
            )
            unit = units.get(variable, "")
            group = labels.text(
                f"inequality.block.{block}",
                variable=labels.term(variable),
                unit=labels.text("inequality.unit", unit=unit_text(unit, labels)) if unit else "",
            )
            lines += [
                (group, _row_name(row, labels), *_cells(wide.loc[row], row, options))
                for row in _rows_in_order(block, wide.index)
            ]
    display = pd.DataFrame(
        [line[2:] for line in lines], columns=[str(y) for y in sorted(data["period"].unique())]
    )
    display.index = grouped_rows([line[0] for line in lines], [line[1] for line in lines])
    about = frames["spatial_gini"].iloc[0]
    permuted = labels.text(
        "table.inequality_regions.permutations", permutations=count(about["permutations"]), seed=about["seed"]
    )
    counted = multiplicity_note(frames["spatial_gini"]["p_value"].to_numpy(), labels)
    texts = [
        labels.text("table.inequality_regions.note"),
        *(permuted, counted, regions_note(regions, labels)),
        *notes,
    ]
    return build_table("inequality_regions", labels, data=data, display=display, notes=texts)


_PAIR_MEASURES = {"gini": "pair_gini", "affluence": "affluence", "mean_gap": "mean_gap"}


def _pair(region: str, other: str) -> str:
    return "|".join(in_order([region, other]))


def _long(frame: pd.DataFrame, column: str, row: str, block: str = "") -> pd.DataFrame:
    """Return block, variable, row, period and value of one measure; gaps are those of richer to poorer."""
    chosen = frame[["variable", row, "period", column]].rename(columns={column: "value", row: "row"})
    if column == "mean_gap":
        flipped = frame["region"] != frame["row"].str.split("|").str[0]
        chosen["value"] = np.where(flipped, -chosen["value"], chosen["value"])
    return chosen.assign(block=block or column)[["block", "variable", "row", "period", "value"]]


def _rows_in_order(block: str, rows: Sequence[str]) -> list[str]:
    if block == "spatial":
        return ["share_others", "p_value"]
    ranked = in_order([name for row in rows for name in row.split("|")])
    return sorted(rows, key=lambda row: [ranked.index(name) for name in row.split("|")])


def _row_name(row: str, labels: Labels) -> str:
    if row in ("share_others", "p_value"):
        return labels.text(f"inequality.spatial.{row}")
    return " – ".join(region_name(name, labels) for name in row.split("|"))


def _cells(values: pd.Series, row: str, options: TableOptions) -> list[str]:
    if row == "p_value":
        return [p_value(p, options.decimals) for p in values]
    decimals = 0 if values.abs().max() >= LARGE else options.decimals
    return [number(v, decimals) for v in values]


def dispersion_table(
    dispersion: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    titles: Mapping[str, str],
    years: Sequence[int],
    notes: Sequence[str] = (),
) -> Table:
    """Return the table of dispersion of the indicators, with the ratio of the largest to the smallest value.

    Parameters
    ----------
    dispersion : DataFrame
        Of `shuyi.analyses.inequality.frames.dispersion_frame`.
    labels, options
        As `inequality_table`.
    titles : mapping
        Names of the indicators.
    years : sequence of int
        In the columns.
    notes : sequence of str, default empty
        As `inequality_table`.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    keys = list(dict.fromkeys(zip(dispersion["role"], dispersion["variable"], strict=True)))
    threshold = dispersion["threshold"].iloc[0]
    flag = labels.text("inequality.exceeds", threshold=f"{threshold:g}")
    columns: dict[tuple[str, str], list[str]] = {}
    for year in years:
        rows = dispersion[dispersion["period"] == year].set_index(["role", "variable"]).loc[keys]
        cells = {
            "inequality.cv": [number(v, options.decimals) for v in rows["cv"]],
            "inequality.p90_p10": [number(v, RATIO_DECIMALS) for v in rows["p90_p10"]],
            "inequality.max_min": [number(v, RATIO_DECIMALS) for v in rows["ratio"]],
            "inequality.largest": _ends(rows, "largest", labels),
            "inequality.smallest": _ends(rows, "smallest", labels),
        }
        columns |= {(str(year), labels.text(key)): texts for key, texts in cells.items()}
        columns[str(year), flag] = [labels.text(f"inequality.flag.{bool(x)}") for x in rows["exceeds"]]
    display = pd.DataFrame(columns)
    names = [titles.get(v, labels.term(v)) if role == "indicator" else labels.term(v) for role, v in keys]
    display.index = grouped_rows([labels.text(f"inequality.role.{role}") for role, _ in keys], names)
    drawn = dispersion[dispersion["period"].isin(years)]
    odd = odd_note(drawn, labels, titles)
    texts = [labels.text("table.dispersion.note", threshold=f"{threshold:g}"), odd, *notes]
    return build_table("dispersion", labels, data=dispersion, display=display, notes=texts)


def _ends(rows: pd.DataFrame, end: str, labels: Labels) -> list[str]:
    odd = rows["odd_end"] if "odd_end" in rows else pd.Series("", index=rows.index)
    return [
        labels.unit(unit) + (ODD_MARK if unit == flagged else "")
        for unit, flagged in zip(rows[end], odd, strict=True)
    ]


def odd_note(dispersion: pd.DataFrame, labels: Labels, titles: Mapping[str, str]) -> str:
    """Return which extremes rest on odd figures; empty where none does.

    Parameters
    ----------
    dispersion : DataFrame
        Perhaps with ``odd_end`` (`shuyi.analyses.inequality.frames.with_caveats`).
    labels : Labels
        Texts in the language of the output.
    titles : mapping of str to str
        Names of the indicators.

    Returns
    -------
    str
    """
    if "odd_end" not in dispersion:
        return ""
    cells = [
        labels.text(
            "inequality.caveat_cell",
            indicator=titles.get(row.variable, labels.term(row.variable)),
            province=labels.unit(row.odd_end),
            year=row.period,
        )
        for row in dispersion[dispersion["odd_end"].fillna("") != ""].itertuples()
    ]
    if not cells:
        return ""
    return labels.text("inequality.caveat", cells=labels.text("distribution.semicolon").join(cells))


def contributions_table(
    provinces: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    years: Sequence[int],
    notes: Sequence[str] = (),
) -> Table:
    """Return the table of what each province contributes to the inequality of the first variable.

    Parameters
    ----------
    provinces : DataFrame
        ``provinces`` of `shuyi.analyses.inequality.frames.inequality_frames`.
    labels, options
        As `inequality_table`.
    years : sequence of int
        In the columns.
    notes : sequence of str, default empty
        As `inequality_table`.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    variable = provinces["variable"].iloc[0]
    data = provinces[provinces["variable"] == variable]
    last = data[data["period"] == years[-1]]
    ordered = [u for r in in_order(last["region"]) for u in last.loc[last["region"] == r, "unit"]]
    region_of = dict(zip(last["unit"], last["region"], strict=True))
    columns: dict[tuple[str, str], list[str]] = {}
    for year in years:
        rows = data[data["period"] == year].set_index("unit").loc[ordered]
        for name in ("theil_between", "theil_within", "theil_contribution"):
            heading = (str(year), labels.text(f"inequality.{name}"))
            columns[heading] = [number(v, options.decimals + 1) for v in rows[name]]
        for name in ("theil_share", "gini_share"):
            heading = (str(year), labels.text(f"inequality.{name}"))
            columns[heading] = [number(100 * v, SHARE_DECIMALS) for v in rows[name]]
    display = pd.DataFrame(columns)
    groups = [region_name(region_of[u], labels) for u in ordered]
    display.index = grouped_rows(groups, [labels.unit(u) for u in ordered])
    sizes = last.groupby("region")["unit"].transform("size")
    texts = [
        labels.text("table.contributions.note", variable=labels.term(variable)),
        regions_note(last.assign(n_units=sizes), labels),
        *notes,
    ]
    return build_table("contributions", labels, data=data, display=display, notes=texts)


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
    scheme = load_scheme(page.sources.data("scheme"), page.sources.data("schema"))
    return inequality_tables(
        page.sources.frames(FRAMES, text=["largest", "smallest", "odd_end", "unit"]),
        page.labels,
        page.options,
        weights={p["weights"]: page.sources.weights("neighbours")},
        titles=scheme.titles(page.labels.language),
        years=p["years"],
    )
