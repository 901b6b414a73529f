"""Tables 16 to 18 and 23 to 29: inequality, convergence, distribution dynamics and geography."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.errors import DataError
from shuyi.regions import EVERY, in_order
from shuyi.tables.layout import in_two_lines
from shuyi.tables.notes import all_weights_notes, joined, sample_note, source_note, stars_note
from shuyi.tables.numbers import (
    MISSING,
    TableOptions,
    count,
    in_parentheses,
    number,
    p_value,
    starred,
)
from shuyi.tables.table import Table, build_table, lettered, named

if TYPE_CHECKING:
    from shuyi.labels import Labels
    from shuyi.weights import Weights

THEIL, GINI = "theil", "gini"
PARTS = {
    THEIL: ("total", "between", "within"),
    GINI: ("total", "within", "net_between", "transvariation"),
}
RATIO_DECIMALS, SHARE_DECIMALS, KM_DECIMALS, DEGREE_DECIMALS = 2, 1, 1, 2
CENTRE_WIDTH = 8
"""Width of a heading of table 29 in letters, beyond which it stands in two lines."""
LARGE = 1000
"""Differences of means from here on are printed without decimals."""
NONE = 0
KINDS = ("absolute", "conditional")
SPATIAL_BASES = {"sem": ("coefficient",)}
"""In an error model the direct and total effects are the coefficient."""
WIDTHS_CLUBS = (0.16, 0.06, 0.08, 0.08, 0.08, 0.54)
QUADRANTS = ("HH", "LH", "LL", "HL")


def region_name(region: str, labels: Labels) -> str:
    """Return the printed name of a region, or of all provinces together."""
    return labels.text(f"distribution.region.{region}")


def regions_note(frame: pd.DataFrame, labels: Labels) -> str:
    """Return which scheme the regions come from, with the number of provinces of each.

    Parameters
    ----------
    frame : DataFrame
        Columns region_scheme, region and n_units.

    Raises
    ------
    DataError
        If the rows rest on several region schemes.
    """
    schemes = sorted(set(frame["region_scheme"]))
    if len(schemes) != 1:
        raise DataError(
            "Region schemes are mixed in one table.", expected="one scheme", found=", ".join(schemes)
        )
    sizes = dict(zip(frame["region"], frame["n_units"], strict=True))
    named = [f"{region_name(r, labels)} ({sizes[r]})" for r in in_order(sizes) if r != EVERY]
    scheme = labels.text(f"distribution.scheme.{schemes[0]}")
    return labels.text("distribution.regions", scheme=scheme, regions=joined(named, labels))


def inequality_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    weights: Mapping[str, Weights],
    titles: Mapping[str, str],
    years: Sequence[int],
) -> tuple[Table, ...]:
    """Return tables 16 (one per region scheme), 23, 24 and 25.

    Parameters
    ----------
    frames : mapping
        Of `shuyi.distribution.inequality_frames`.
    labels : Labels
    options : TableOptions
    weights : mapping of str to Weights
        Neighbours of the spatial Gini coefficient, by name.
    titles : mapping
        Names of the indicators (`shuyi.tables.scheme_titles`).
    years : sequence of int
        In the columns of tables 24 and 25.
    """
    sample = _panel_note(frames["provinces"], labels)
    return (
        table16(frames["parts"], frames["regions"], labels, options, notes=sample),
        *_of_other_schemes(frames, labels, options, notes=sample),
        table23(frames, labels, options, notes=[*all_weights_notes(weights, labels), *sample]),
        table24(frames["dispersion"], labels, options, titles=titles, years=years, notes=sample),
        table25(frames["provinces"], labels, options, years=years, notes=sample),
    )


def _of_other_schemes(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str]
) -> list[Table]:
    parts, regions = frames["other_parts"], frames["other_regions"]
    schemes = list(dict.fromkeys(parts["region_scheme"])) if len(parts) else []
    tables = []
    for scheme, identifier in zip(schemes, lettered("table16", 1 + len(schemes))[1:], strict=True):
        chosen, named_regions = (frame[frame["region_scheme"] == scheme] for frame in (parts, regions))
        table = table16(chosen, named_regions, labels, options, notes=notes)
        tables.append(named(table, identifier, labels.text(f"distribution.scheme.{scheme}"), labels))
    return tables


def _panel_note(frame: pd.DataFrame, labels: Labels) -> list[str]:
    periods = sorted(int(p) for p in frame["period"].unique())
    return [sample_note(frame["unit"].nunique(), periods, labels), source_note(labels)]


def table16(
    parts: pd.DataFrame,
    regions: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    notes: Sequence[str] = (),
) -> Table:
    """Return table 16: Theil and Dagum decompositions by year, with the shares of the parts.

    Parameters
    ----------
    parts : DataFrame
        Columns variable, period, measure (theil, gini), part, value, share.
    regions : DataFrame
        Columns region_scheme, region, n_units.
    labels, options
    notes : sequence of str
        Sample and source.
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
    display.index = _rows([labels.term(v) for v, _ in keys], [str(period) for _, period in keys])
    texts = [labels.text("table16.note"), regions_note(regions, labels), *notes]
    return build_table("table16", labels, data=parts, display=display, notes=texts)


def table23(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return table 23: inequality within regions, between pairs of them and between neighbours, by year.

    Parameters
    ----------
    frames : mapping
        ``regions``, ``pairs`` and ``spatial_gini`` of `shuyi.distribution.inequality_frames`.
    labels, options, notes
        As `table16`.
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
    for variable in dict.fromkeys(data["variable"]):
        of_variable = data[data["variable"] == variable]
        for block in dict.fromkeys(data["block"]):
            wide = of_variable[of_variable["block"] == block].pivot(
                index="row", columns="period", values="value"
            )
            group = labels.text(f"inequality.block.{block}", variable=labels.term(variable))
            lines += [
                (group, _row_name(row, labels), *_cells(wide.loc[row], row, options))
                for row in _rows_in_order(block, wide.index)
            ]
    display = pd.DataFrame(
        [line[2:] for line in lines], columns=[str(y) for y in sorted(data["period"].unique())]
    )
    display.index = _rows([line[0] for line in lines], [line[1] for line in lines])
    about = frames["spatial_gini"].iloc[0]
    permuted = labels.text(
        "table23.permutations", permutations=count(about["permutations"]), seed=about["seed"]
    )
    texts = [labels.text("table23.note"), permuted, regions_note(regions, labels), *notes]
    return build_table("table23", labels, data=data, display=display, notes=texts)


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


def table24(
    dispersion: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    titles: Mapping[str, str],
    years: Sequence[int],
    notes: Sequence[str] = (),
) -> Table:
    """Return table 24: dispersion of the indicators, with the ratio of the largest to the smallest value.

    Parameters
    ----------
    dispersion : DataFrame
        Of `shuyi.distribution.dispersion_frame`.
    labels, options, notes
        As `table16`.
    titles : mapping
        Names of the indicators.
    years : sequence of int
        In the columns.
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
            "inequality.largest": [_province(u, labels) for u in rows["largest"]],
            "inequality.smallest": [_province(u, labels) for u in rows["smallest"]],
        }
        columns |= {(str(year), labels.text(key)): texts for key, texts in cells.items()}
        columns[str(year), flag] = [labels.text(f"inequality.flag.{bool(x)}") for x in rows["exceeds"]]
    display = pd.DataFrame(columns)
    names = [titles.get(v, labels.term(v)) if role == "indicator" else labels.term(v) for role, v in keys]
    display.index = _rows([labels.text(f"inequality.role.{role}") for role, _ in keys], names)
    texts = [labels.text("table24.note", threshold=f"{threshold:g}"), *notes]
    return build_table("table24", labels, data=dispersion, display=display, notes=texts)


def table25(
    provinces: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    years: Sequence[int],
    notes: Sequence[str] = (),
) -> Table:
    """Return table 25: what each province contributes to the inequality of the first variable.

    Parameters
    ----------
    provinces : DataFrame
        ``provinces`` of `shuyi.distribution.inequality_frames`.
    labels, options, notes
        As `table16`.
    years : sequence of int
        In the columns.
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
    display.index = _rows(groups, [_province(u, labels) for u in ordered])
    sizes = last.groupby("region")["unit"].transform("size")
    texts = [
        labels.text("table25.note", variable=labels.term(variable)),
        regions_note(last.assign(n_units=sizes), labels),
        *notes,
    ]
    return build_table("table25", labels, data=data, display=display, notes=texts)


def convergence_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    weights: Mapping[str, Weights],
    controls: Sequence[str],
) -> tuple[Table, ...]:
    """Return tables 17 and 26.

    Parameters
    ----------
    frames : mapping
        Of `shuyi.distribution.convergence_frames`.
    labels, options
    weights : mapping of str to Weights
        Of the spatial models, by name.
    controls : sequence of str
        Of conditional convergence.
    """
    notes = _panel_note(frames["paths"], labels)
    linked = [*all_weights_notes(weights, labels), *notes]
    return (
        table17(frames, labels, options, controls=controls, notes=linked),
        table26(frames, labels, options, notes=notes),
    )


def table17(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    controls: Sequence[str],
    notes: Sequence[str] = (),
) -> Table:
    """Return table 17: sigma, absolute and conditional beta, and spatial beta convergence.

    Parameters
    ----------
    frames : mapping
        ``sigma``, ``sigma_trends``, ``beta`` and ``spatial_beta`` of `shuyi.distribution.convergence_frames`.
    labels, options
    controls : sequence of str
        Of conditional convergence.
    notes : sequence of str
        Weights, sample and source.
    """
    data = convergence_rows(frames)
    headings = [
        *(labels.text(f"convergence.{name}") for name in ("estimate", options.uncertainty, "speed")),
        *(
            labels.text(f"convergence.{name}")
            for name in ("half_life", "dependence", "lagged", "observations")
        ),
    ]
    display = pd.DataFrame([_regression_cells(r, options) for r in data.itertuples()], columns=headings)
    groups = [
        labels.text(f"convergence.block.{b}", variable=labels.term(v))
        for b, v in zip(data["block"], data["variable"], strict=True)
    ]
    display.index = _rows(groups, [_regression(r, labels) for r in data.itertuples()])
    listed = joined([labels.term(c) for c in controls], labels)
    span = int(frames["spatial_beta"]["span"].iloc[0])
    missing = data[data["status"].ne("estimated") & ~data["status"].isin(["one unit", "two units"])]
    texts = [
        labels.text("table17.note", span=span),
        labels.text("table17.sigma"),
        labels.text("table17.effects"),
        labels.text("table17.controls", controls=listed),
        labels.text("table17.nickell"),
        labels.text("table17.missing") if len(missing) else "",
        stars_note(options, labels),
        regions_note(frames["sigma"], labels),
        *notes,
    ]
    return build_table("table17", labels, data=data, display=display, notes=texts)


CONVERGENCE_BLOCKS = ("sigma_cv", "sigma_sd_log", *(f"{s}{k}" for s in ("", "spatial_") for k in KINDS))
CONVERGENCE_COLUMNS = (
    *("variable", "block", "region", "design", "model", "basis", "effects", "covariance", "estimate"),
    *("std_error", "p_value", "speed", "speed_std_error", "half_life", "dependence", "dependence_std_error"),
    *("dependence_p_value", "lagged_initial", "lagged_std_error", "lagged_p_value", "n_units", "n_obs"),
    *("loglik", "r2", "status"),
)


def convergence_rows(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every trend and regression of convergence in one form, by variable and block.

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
    return pd.concat([part.astype(object) for part in parts if len(part)], ignore_index=True).infer_objects()


def _regression_cells(row: Any, options: TableOptions) -> tuple[str, ...]:
    """Return the cells of one row of table 17; slopes of dispersion carry one more digit."""
    fine = replace(options, decimals=options.decimals + 1) if row.block.startswith("sigma") else options
    whole = row.basis == "total"
    return (
        starred(row.estimate, row.p_value, fine),
        in_parentheses(row.std_error, row.estimate / row.std_error, row.p_value, fine),
        number(100 * row.speed, RATIO_DECIMALS),
        number(row.half_life, SHARE_DECIMALS),
        "" if whole else starred(row.dependence, row.dependence_p_value, options),
        "" if whole else starred(row.lagged_initial, row.lagged_p_value, options),
        count(row.n_obs),
    )


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


def table26(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return table 26: convergence clubs with their log t tests and members.

    Parameters
    ----------
    frames : mapping
        ``clubs`` and ``club_tests`` of `shuyi.distribution.convergence_frames`.
    labels, options, notes
        As `table16`.
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
            lines.append((group, labels.text("clubs.none"), *numbers, _provinces(alone, labels)))
    headings = [labels.text(f"clubs.{name}") for name in ("n", "b", "std_error", "t", "members")]
    display = pd.DataFrame([line[2:] for line in lines], columns=headings)
    display.index = _rows([line[0] for line in lines], [line[1] for line in lines])
    texts = [labels.text("table26.note"), labels.text("table26.weakness"), *notes]
    return build_table("table26", labels, data=data, display=display, notes=texts, widths=WIDTHS_CLUBS)


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
    return labels.text("clubs.club", number=row.club), *numbers, _provinces(list(members["unit"]), labels)


def dynamics_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    weights: Mapping[str, Weights],
) -> tuple[Table, ...]:
    """Return tables 18, 27 and 28.

    Parameters
    ----------
    frames : mapping
        Of `shuyi.distribution.dynamics_frames`.
    labels, options
    weights : mapping of str to Weights
        Neighbours, by name.
    """
    notes = [*all_weights_notes(weights, labels), *_panel_note(frames["ranks"], labels)]
    return (
        table18(frames, labels, options, notes=notes),
        table27(frames, labels, options, notes=notes),
        table28(frames["rank_mobility"], labels, options, notes=notes),
    )


def table18(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return table 18: transition probabilities, alone and by the class of the neighbours.

    Parameters
    ----------
    frames : mapping
        ``transitions``, ``classes``, ``ergodic``, ``tests`` and ``mobility`` of
        `shuyi.distribution.dynamics_frames`.
    labels, options
    notes : sequence of str
        Weights, sample and source.
    """
    transitions, ergodic = frames["transitions"], frames["ergodic"]
    ergodic = ergodic.assign(neighbourhood=ergodic["neighbourhood"].astype(str))
    lines = []
    for name, rows in transitions.assign(neighbourhood=transitions["neighbourhood"].astype(str)).groupby(
        "neighbourhood", sort=False
    ):
        key = "all" if name == EVERY else "neighbours"
        group = labels.text(f"markov.{key}", number=name)
        lines += [
            (group, *line) for line in _chain_lines(rows, frames["classes"], str(name), labels, options)
        ]
        long_run = ergodic[ergodic["neighbourhood"] == name].sort_values("class")
        cells = [number(v, options.decimals) for v in long_run["ergodic"]]
        lines.append((group, labels.text("markov.ergodic"), "", *cells, ""))
    k = int(transitions["destination"].max())
    headings = [
        ("", labels.text("markov.starts")),
        *((labels.text("markov.to"), str(c)) for c in range(1, k + 1)),
        ("", labels.text("markov.sojourn")),
    ]
    display = pd.DataFrame([line[2:] for line in lines], columns=pd.MultiIndex.from_tuples(headings))
    display.index = _rows([line[0] for line in lines], [line[1] for line in lines])
    variable = str(transitions["variable"].iloc[0])
    texts = [
        labels.text(
            "table18.note", variable=labels.term(variable), bounds=_bounds(frames["classes"], labels)
        ),
        *(_homogeneity(row, labels) for row in frames["tests"].itertuples()),
        labels.text("markov.mobility", **_mobility(frames["mobility"], options)),
        *notes,
    ]
    parts = ("transitions", "classes", "ergodic", "tests", "mobility")
    data = pd.concat([frames[part].assign(part=part) for part in parts], ignore_index=True)
    data.insert(0, "part", data.pop("part"))
    return build_table("table18", labels, data=data, display=display, notes=texts)


def _chain_lines(
    rows: pd.DataFrame, classes: pd.DataFrame, name: str, labels: Labels, options: TableOptions
) -> list[tuple[str, ...]]:
    sojourn = dict(zip(classes["class"], classes["sojourn"], strict=True))
    lines = []
    for origin, cells in rows.groupby("origin"):
        cells = cells.sort_values("destination")
        stay = number(sojourn[origin], SHARE_DECIMALS) if name == EVERY else ""
        probabilities = [number(p, options.decimals) for p in cells["probability"]]
        lines.append(
            (labels.text("markov.from", number=origin), count(cells["count"].sum()), *probabilities, stay)
        )
    return lines


def _bounds(classes: pd.DataFrame, labels: Labels) -> str:
    return joined([number(b, 2) for b in classes.sort_values("class")["upper"][:-1]], labels)


def _homogeneity(row: Any, labels: Labels) -> str:
    return labels.text(
        f"markov.homogeneity.{row.hypothesis.replace(' ', '_')}",
        groups=row.groups,
        lr=number(row.lr, RATIO_DECIMALS),
        lr_p=_equals(row.lr_p_value),
        q=number(row.q, RATIO_DECIMALS),
        q_p=_equals(row.q_p_value),
        df=row.df,
    )


def _equals(p: float) -> str:
    """Return a p-value within a sentence: ``= 0.017`` or ``< 0.001``."""
    text = p_value(p)
    return text.replace("<", "< ") if text.startswith("<") else f"= {text}"


def _mobility(mobility: pd.DataFrame, options: TableOptions) -> dict[str, str]:
    return {
        str(index): number(value, options.decimals)
        for index, value in zip(mobility["index"], mobility["value"], strict=True)
    }


def table27(
    frames: Mapping[str, pd.DataFrame], labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return table 27: transitions between the quadrants of the Moran scatterplot.

    Parameters
    ----------
    frames : mapping
        ``lisa_transitions``, ``lisa_tests`` and ``lisa_moves`` of `shuyi.distribution.dynamics_frames`.
    labels, options, notes
        As `table18`.
    """
    data, test = frames["lisa_transitions"], frames["lisa_tests"].iloc[0]
    starts = data.groupby("origin")["count"].sum()
    lines: list[tuple[str, ...]] = []
    for column, decimals in (("probability", options.decimals), ("count", 0), ("expected", 1)):
        group = labels.text(f"lisa.{column}")
        wide = data.pivot(index="origin", columns="destination", values=column)
        lines += [
            (
                group,
                _quadrant(q, labels),
                count(starts[q]),
                *(number(v, decimals) for v in wide.loc[q, list(QUADRANTS)]),
            )
            for q in QUADRANTS
        ]
    long_run = [number(test[f"ergodic_{q}"], options.decimals) for q in QUADRANTS]
    lines.insert(len(QUADRANTS), (lines[0][0], labels.text("markov.ergodic"), "", *long_run))
    headings = [labels.text("markov.starts"), *(_quadrant(q, labels) for q in QUADRANTS)]
    display = pd.DataFrame([line[2:] for line in lines], columns=headings)
    display.index = _rows([line[0] for line in lines], [line[1] for line in lines])
    independence = labels.text(
        "lisa.independence",
        stability=number(100 * test["stability"], SHARE_DECIMALS),
        lr=number(test["lr"], RATIO_DECIMALS),
        df=int(test["df"]),
        p=_equals(test["p_value"]),
    )
    variable = labels.term(str(data["variable"].iloc[0]))
    moves = _moves(frames["lisa_moves"], labels)
    texts = [labels.text("table27.note", variable=variable), independence, moves, *notes]
    return build_table("table27", labels, data=data, display=display, notes=texts)


def _quadrant(quadrant: str, labels: Labels) -> str:
    return labels.text(f"map.lisa.{quadrant}")


def _moves(moves: pd.DataFrame, labels: Labels) -> str:
    """Return the sentence that names every province that changed its quadrant, and when."""
    moved = moves[moves["origin"] != moves["destination"]].sort_values(["end", "unit"])
    if moved.empty:
        return labels.text("lisa.no_moves")
    listed = [
        labels.text(
            "lisa.move",
            province=_province(str(m.unit), labels),
            origin=_quadrant(m.origin, labels),
            destination=_quadrant(m.destination, labels),
            year=m.end,
        )
        for m in moved.itertuples()
    ]
    return labels.text("lisa.moves", moves=labels.text("distribution.semicolon").join(listed))


def table28(
    ranks: pd.DataFrame, labels: Labels, options: TableOptions, *, notes: Sequence[str] = ()
) -> Table:
    """Return table 28: rank mobility between successive years and over the whole period.

    Parameters
    ----------
    ranks : DataFrame
        ``rank_mobility`` of `shuyi.distribution.dynamics_frames`.
    labels, options, notes
        As `table18`.
    """
    columns: dict[tuple[str, str], list[str]] = {}
    for measure, pieces in _RANK_COLUMNS.items():
        spanner = labels.text(f"ranks.{measure}")
        for piece, column in pieces.items():
            form = p_value if piece == "p" else number
            columns[spanner, labels.text(f"ranks.{piece}")] = [
                form(v, options.decimals) for v in ranks[column]
            ]
    columns["", labels.text("ranks.changes")] = [number(v, 0) for v in ranks["changes"]]
    display = pd.DataFrame(columns)
    spans = [f"{a}–{b}" for a, b in zip(ranks["start"], ranks["end"], strict=True)]
    whole = ranks["end"] - ranks["start"] == ranks["end"].max() - ranks["start"].min()
    groups = [labels.text("ranks.whole" if w else "ranks.successive") for w in whole]
    display.index = _rows(groups, spans)
    about = ranks.iloc[0]
    texts = [
        labels.text("table28.note", variable=labels.term(str(about["variable"]))),
        labels.text("ranks.permutations", permutations=count(about["permutations"]), seed=about["seed"]),
        labels.text("ranks.scheme", scheme=labels.text(f"distribution.scheme.{about['region_scheme']}")),
        *notes,
    ]
    return build_table("table28", labels, data=ranks, display=display, notes=texts)


_RANK_COLUMNS = {
    "tau": {"value": "tau", "p": "tau_p_value"},
    "spatial": {"value": "spatial_tau", "permuted": "spatial_tau_permuted", "p": "spatial_tau_p_value"},
    "theta": {"value": "theta", "permuted": "theta_permuted", "p": "theta_p_value"},
}


def table29(
    centres: pd.DataFrame,
    trend: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
) -> Table:
    """Return table 29: mean centre, deviational ellipse and trend surface by year.

    Parameters
    ----------
    centres, trend : DataFrame
        ``centres`` and ``trend`` of `shuyi.distribution.geography_frames`.
    labels, options
    """
    columns: dict[tuple[str, str], list[str]] = {}
    for spanner, fields in _CENTRE_COLUMNS.items():
        for field, decimals in fields.items():
            heading = (labels.text(f"geography.{spanner}"), _heading(field, labels))
            columns[heading] = [number(v * _SCALES.get(field, 1), decimals) for v in centres[field]]
    display = pd.DataFrame(columns)
    wide = trend.set_index(["variable", "period", "term"])
    spanner = labels.text("geography.trend")
    keys = list(zip(centres["variable"], centres["period"], strict=True))
    for term in dict.fromkeys(t for t in trend["term"] if t != "const"):
        display[spanner, _heading(term, labels)] = [_coefficient(wide, (*key, term), options) for key in keys]
    fit = trend.drop_duplicates(["variable", "period"]).set_index(["variable", "period"])["r2"]
    display[spanner, "R²"] = [number(fit[key], options.decimals) if key in fit.index else "" for key in keys]
    display.index = _rows([labels.term(v) for v, _ in keys], [str(period) for _, period in keys])
    periods = sorted(int(p) for p in centres["period"].unique())
    about = trend.iloc[0]
    texts = [
        labels.text("table29.note"),
        labels.text(f"geography.surface.{about['order']}", variable=labels.term(str(about["variable"]))),
        stars_note(options, labels),
        sample_note(int(about["n"]), periods, labels),
        source_note(labels),
    ]
    data = pd.concat([centres.assign(part="centre"), trend.assign(part="trend")], ignore_index=True)
    data.insert(0, "part", data.pop("part"))
    return build_table("table29", labels, data=data, display=display, notes=texts)


_CENTRE_COLUMNS = {
    "centre": {
        "longitude": DEGREE_DECIMALS,
        "latitude": DEGREE_DECIMALS,
        "shift_km": KM_DECIMALS,
        "bearing": 0,
        "shift_from_first_km": KM_DECIMALS,
        "bearing_from_first": 0,
    },
    "ellipse": {"major_km": 0, "minor_km": 0, "azimuth": KM_DECIMALS, "area_km2": KM_DECIMALS},
}
_SCALES = {"area_km2": 1e-4}
"""Areas are printed in ten thousand square kilometres."""


def _heading(field: str, labels: Labels) -> str:
    return in_two_lines(labels.text(f"geography.{field}"), CENTRE_WIDTH)


def _coefficient(wide: pd.DataFrame, key: tuple[Any, ...], options: TableOptions) -> str:
    if key not in wide.index:
        return ""
    fine = replace(options, decimals=options.decimals + 1)
    return starred(wide.loc[key, "estimate"], wide.loc[key, "p_value"], fine)


def _rows(groups: Sequence[str], rows: Sequence[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([list(groups), list(rows)])


def _province(unit: str, labels: Labels) -> str:
    from shuyi.provinces import display_names

    return display_names(labels.language).get(str(unit), str(unit))


def _provinces(units: Sequence[str], labels: Labels) -> str:
    return joined([_province(unit, labels) for unit in units], labels)
