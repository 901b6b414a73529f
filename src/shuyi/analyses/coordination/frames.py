"""Coupling coordination of the configured sets of systems, in both variants, with obstacles and trend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.coordination.degrees import (
    CLASSES,
    MIN_TREND_YEARS,
    VARIANTS,
    Coordination,
    SetResult,
    SystemSet,
    coordinate,
    coordinate_set,
    load_sets,
    slopes,
    trend,
)
from shuyi.data.series import Caveat, caveats_from
from shuyi.indices import SERIES_ONLY, Weighting, load_scheme
from shuyi.publish.labels import Row, label_rows

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.data.derivations import Derivations
    from shuyi.panel import Panel


def coordination_frames(
    sets: Sequence[SystemSet],
    panel: Panel,
    *,
    weighting: Weighting,
    caveats: Sequence[Caveat],
    regions: Mapping[str, str],
    derivations: Derivations = SERIES_ONLY,
) -> dict[str, pd.DataFrame]:
    """Measure the coordination of several sets of systems.

    Parameters
    ----------
    sets : sequence of SystemSet
        With their systems.
    panel : Panel
        With every column that the systems need.
    weighting : {"entropy", "critic", "equal"}
        Of the indicators within each system.
    caveats : sequence of Caveat
        Breaks of the series.
    regions : mapping of str to str
        Region of each unit.
    derivations : Derivations
        From which series the panel's variables follow.

    Returns
    -------
    dict of DataFrame
        ``coordination`` (set, variant, unit, period, coupling, development, degree, class, lagging_system),
        ``scores`` (set, system, unit, period, score), ``trend`` (set, variant and the columns of
        `coordination.trend`), ``slopes`` (set, variant and those of `coordination.slopes`; no rows for fewer
        than three periods), ``obstacles`` (set, unit, period, rank, system, indicator, degree), ``weights``
        (set and the columns of `SetResult.weights_frame`), ``labels`` (key, en, zh).

    Raises
    ------
    DataError
        If a set needs columns that the panel lacks, or an index cannot be computed.
    """
    import pandas as pd

    rule: dict[str, Any] = {"weighting": weighting, "caveats": caveats, "derivations": derivations}
    found = [coordinate_set(s, panel, **rule) for s in sets]
    both = [(r.set.id, _variant(r.coordination, name)) for r in found for name in VARIANTS]
    long = [c for _, c in both if len(c.periods) >= MIN_TREND_YEARS]
    frames = {
        "coordination": [_of(name, c, _degrees(c)) for name, c in both],
        "trend": [_of(name, c, trend(c, regions)) for name, c in both],
        "slopes": [_of(name, c, slopes(c)) for name, c in both if c in long],
        "scores": [_scores(result) for result in found],
        "obstacles": [_named(result, result.obstacles.to_frame()) for result in found],
        "weights": [_named(result, result.weights_frame()) for result in found],
    }
    joined = {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items() if parts}
    empty = pd.DataFrame(columns=["set", "variant", "unit", "first", "last", "slope", "tau", "p_value"])
    return {"slopes": empty} | joined | {"labels": label_rows(_titles(sets))}


def _variant(measured: Coordination, variant: str) -> Coordination:
    chosen = next(name for name in VARIANTS if name == variant)
    if chosen == measured.variant:
        return measured
    again = coordinate(
        measured.scores,
        systems=measured.systems,
        units=measured.units,
        periods=measured.periods,
        shares=measured.shares.tolist(),
        variant=chosen,
    )
    return replace(again, shares=measured.shares)


def _degrees(measured: Coordination) -> pd.DataFrame:
    columns = ["unit", "period", "coupling", "development", "degree", "class", "lagging_system"]
    return measured.to_frame()[columns]


def _of(name: str, measured: Coordination, frame: pd.DataFrame) -> pd.DataFrame:
    frame.insert(0, "set", name)
    frame.insert(1, "variant", measured.variant)
    return frame


def _named(result: SetResult, frame: pd.DataFrame) -> pd.DataFrame:
    frame.insert(0, "set", result.set.id)
    return frame


def _scores(result: SetResult) -> pd.DataFrame:
    import pandas as pd

    wide = result.coordination.to_frame()
    parts = [
        wide[["unit", "period"]].assign(system=system, score=wide[f"score_{system}"])
        for system in result.coordination.systems
    ]
    return _named(result, pd.concat(parts, ignore_index=True)[["system", "unit", "period", "score"]])


def _titles(sets: Sequence[SystemSet]) -> Iterator[Row]:
    yield from ((f"class.{c.id}", {"en": c.en, "zh": c.zh}) for c in CLASSES)
    for each in sets:
        yield f"set.{each.id}", each.title
        yield from ((f"setnote.{each.id}.{k}", note) for k, note in enumerate(each.notes))
        for system in each.systems:
            yield f"system.{each.id}.{system.id}", system.title
            for indicator in system.scheme.indicators:
                yield f"indicator.{each.id}.{indicator.id}", indicator.title


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis (see `coordination_frames`).

    Parameters
    ----------
    sources : Sources
        Files that the analysis reads, by name.
    settings : mapping
        As the declaration of the analysis gives them.
    places : Places
        Names and groupings of the units.

    Returns
    -------
    dict of str to DataFrame
        Frame by name.
    """
    schema, p = sources.data("scheme_schema"), settings
    schemes = [load_scheme(raw, schema, file=path) for path, raw in sources.all_data("schemes").items()]
    derivations = sources.derivations()
    sets = load_sets(
        sources.data("sets"), sources.data("schema"), {s.id: s for s in schemes}, schema, derivations
    )
    return coordination_frames(
        [sets[name] for name in p["sets"]],
        sources.panel("panel"),
        weighting=p["weighting"],
        caveats=caveats_from(sources.text_frame("caveats"), places.codes),
        regions=places.grouping(p["regions"], places.codes).region_of,
        derivations=derivations,
    )
