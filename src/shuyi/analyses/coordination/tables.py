"""Tables of coupling coordination and of obstacle degrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.publish.notes import joined, panel_notes
from shuyi.publish.numbers import TableOptions, count, number
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels


FRAMES = ("coordination", "scores", "trend", "slopes", "obstacles")
"""Frames of the measurement that the tables read."""
LEAST_ROOM = 0.2
"""Share of the width below which the column of the obstacle cannot wrap."""
PERCENT_DECIMALS = 1
SLOPE_SCALE = 100
"""Slopes are printed per year in hundredths of the degree."""


def coordination_tables(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    sets: Sequence[str],
    variant: str,
    years: Sequence[int],
    weighting: str,
    names: Mapping[str, str],
) -> list[Table]:
    """Return one table of coordination by province for each set, and the table of obstacles.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        `shuyi.analyses.coordination.frames.coordination_frames`.
    labels : Labels
        With the titles of sets, systems and indicators.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    sets : sequence of str
        Ids of the sets, one table each.
    variant : {"corrected", "standard"}
        Formula of the coupling degree that is printed.
    years : sequence of int
        Years of the columns; classes and obstacles are those of the last.
    weighting : str
        Of the indicators within each system.
    names : mapping of str to str
        Names of the provinces by code.

    Returns
    -------
    list of Table
        In the order of the sets, obstacles last.
    """
    tables = [
        _coordination_table(frames, labels, options, name, variant, years, weighting, names) for name in sets
    ]
    return [*tables, obstacles_table(frames["obstacles"], labels, years=years)]


def _coordination_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    name: str,
    variant: str,
    years: Sequence[int],
    weighting: str,
    names: Mapping[str, str],
) -> Table:
    chosen = {
        key: _of(frames[key], name, variant) for key in ("coordination", "trend", "slopes", "obstacles")
    }
    degrees = chosen["coordination"]
    data = _with_obstacles(degrees, chosen["obstacles"])
    provinces = _province_rows(data, chosen["slopes"], name, labels, options, years, names)
    regions = _region_rows(chosen["trend"], provinces.columns, labels, options, years)
    return build_table(
        f"coordination_{name}",
        labels,
        kind="coordination",
        part=labels.text(f"set.{name}"),
        data=data,
        display=pd.concat([provinces, regions]),
        widths=_widths(len(years)),
        notes=[
            labels.text(f"coordination.note.{variant}"),
            labels.text("coordination.note.systems", systems=_systems(frames["scores"], name, labels)),
            labels.text("coordination.note.weighting", weighting=labels.text(f"weighting.{weighting}")),
            labels.text("coordination.note.columns"),
            labels.text("coordination.note.table", number=labels.number("obstacles")),
            _zero_note(degrees, years, names, labels),
            *_set_notes(name, labels),
            *panel_notes(degrees, labels),
        ],
    )


def _zero_note(degrees: pd.DataFrame, years: Sequence[int], names: Mapping[str, str], labels: Labels) -> str:
    rows = degrees[(degrees["degree"] == 0.0) & degrees["period"].isin(years)]
    cells = [f"{names[r['unit']]} {r['period']}" for r in rows.to_dict("records")]
    return labels.text("coordination.note.zero", cells=joined(cells, labels)) if cells else ""


def _widths(years: int) -> tuple[float, ...]:
    """Return the shares of stub, years, slope, class, lagging system and, with the rest, obstacle.

    None where so many years are shown that the obstacle would have no room.
    """
    first = (0.13, *(0.05,) * years, 0.05, 0.165, 0.185)
    rest = 1.0 - sum(first)
    return (*first, rest) if rest >= LEAST_ROOM else ()


def _of(frame: pd.DataFrame, name: str, variant: str) -> pd.DataFrame:
    rows = frame[frame["set"] == name]
    return rows[rows["variant"] == variant] if "variant" in rows else rows


def _with_obstacles(degrees: pd.DataFrame, obstacles: pd.DataFrame) -> pd.DataFrame:
    """Add the largest obstacle of all indicators and of those of the lagging system, with their degrees."""
    keys = ["unit", "period"]
    sorted_ = obstacles.sort_values([*keys, "rank"])
    lagging = sorted_.merge(degrees[[*keys, "lagging_system"]], on=keys)
    lagging = lagging[lagging["system"] == lagging["lagging_system"]]
    for name, rows in {"obstacle": sorted_, "lagging_obstacle": lagging}.items():
        first = rows.drop_duplicates(keys).rename(columns={"indicator": name, "degree": f"{name}_degree"})
        degrees = degrees.merge(first[[*keys, name, f"{name}_degree"]], on=keys, how="left")
    return degrees


def _province_rows(
    data: pd.DataFrame,
    slopes: pd.DataFrame,
    name: str,
    labels: Labels,
    options: TableOptions,
    years: Sequence[int],
    names: Mapping[str, str],
) -> pd.DataFrame:
    wide = data.pivot(index="unit", columns="period", values="degree")
    last = data[data["period"] == years[-1]].set_index("unit").loc[wide.index]
    slope = slopes.set_index("unit")["slope"].reindex(wide.index)
    columns = {str(year): [number(v, options.decimals) for v in wide[year]] for year in years}
    columns[labels.text("coordination.slope")] = [number(SLOPE_SCALE * v, 2) for v in slope]
    columns[labels.text("coordination.class")] = [labels.text(f"class.{c}") for c in last["class"]]
    columns[labels.text("coordination.lagging")] = [
        labels.text(f"system.{name}.{s}") for s in last["lagging_system"]
    ]
    columns[labels.text("coordination.obstacle")] = [
        labels.text(f"indicator.{name}.{i}") for i in last["lagging_obstacle"]
    ]
    index = pd.MultiIndex.from_product([[labels.text("group.provinces")], [names[u] for u in wide.index]])
    return pd.DataFrame(columns, index=index)


def _region_rows(
    trend: pd.DataFrame, columns: pd.Index, labels: Labels, options: TableOptions, years: Sequence[int]
) -> pd.DataFrame:
    wide = trend.pivot(index="region", columns="period", values="degree")
    wide = wide.loc[list(dict.fromkeys(trend["region"]))]
    regions = [labels.text(f"distribution.region.{region}") for region in wide.index]
    index = pd.MultiIndex.from_product([[labels.text("group.regions")], regions])
    rows = pd.DataFrame("", index=index, columns=columns)
    for year in years:
        rows[str(year)] = [number(v, options.decimals) for v in wide[year]]
    return rows


def _systems(scores: pd.DataFrame, name: str, labels: Labels) -> str:
    systems = dict.fromkeys(scores.loc[scores["set"] == name, "system"])
    return labels.text("table.list_separator").join(labels.text(f"system.{name}.{s}") for s in systems)


def _set_notes(name: str, labels: Labels) -> list[str]:
    start = f"setnote.{name}."
    return [text for key, text in labels.texts.items() if key.startswith(start)]


def obstacles_table(
    obstacles: pd.DataFrame, labels: Labels, *, years: Sequence[int], identifier: str = "obstacles"
) -> Table:
    """Return the table of mean obstacle degrees by indicator and year, in percent.

    Parameters
    ----------
    obstacles : DataFrame
        Columns set, unit, period, rank, system, indicator, degree.
    labels : Labels
        Texts in the language of the output.
    years : sequence of int
        Years that are shown.
    identifier : str, default "table30"
        Id of the table.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    keys = ["set", "system", "indicator"]
    order = {key: i for i, key in enumerate(labels.texts)}
    place = [
        order[f"indicator.{s}.{i}"] for s, i in zip(obstacles["set"], obstacles["indicator"], strict=True)
    ]
    means = obstacles.assign(place=place).groupby(["place", *keys, "period"], as_index=False)["degree"].mean()
    wide = means.pivot(index=["place", *keys], columns="period", values="degree").sort_index()
    last = obstacles[obstacles["period"] == years[-1]]
    firsts = last[last["rank"] == 1].groupby(keys).size()
    columns = {str(year): [number(100 * v, PERCENT_DECIMALS) for v in wide[year]] for year in years}
    columns[labels.text("obstacle.first", year=years[-1])] = [
        count(float(firsts.get(key[1:], 0))) for key in wide.index
    ]
    display = pd.DataFrame(columns)
    display.insert(
        0, labels.text("obstacle.system"), [labels.text(f"system.{k[1]}.{k[2]}") for k in wide.index]
    )
    display.index = pd.MultiIndex.from_tuples(
        [(labels.text(f"set.{k[1]}"), labels.text(f"indicator.{k[1]}.{k[3]}")) for k in wide.index]
    )
    units = int(np.unique(obstacles["unit"]).size)
    first = f"coordination_{obstacles['set'].iloc[0]}"
    notes = [
        labels.text("obstacle.note", units=units),
        labels.text("obstacle.note.scope", number=labels.number(first)),
        *panel_notes(obstacles, labels),
    ]
    return build_table(identifier, labels, data=means.drop(columns="place"), display=display, notes=notes)


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    list of Table
        In the order of the paper.
    """
    p = page.settings
    return coordination_tables(
        page.sources.frames(FRAMES),
        page.labels,
        page.options,
        sets=p["sets"],
        variant=p["variant"],
        years=p["years"],
        weighting=p["weighting"],
        names=page.names,
    )
