"""Tiers of the index and development coordinates: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import INDEX, Analysis, Draft, Paper, frame_file, items, scheme_files
from shuyi.analyses.checks import check_names, check_years
from shuyi.schema import Problem

FRAMES = (
    *("tiers", "cuts", "changes", "transitions", "instruments", "unit_instruments", "coordinates", "arrows"),
    "labels",
)
RULE = ("method", "pool", "quantiles", "margin", "periods")


def _inputs(paper: Paper) -> dict[str, str]:
    return {
        "index": INDEX,
        "instruments": "data/policy/instruments.csv",
        **scheme_files(paper),
    }


def _settings(paper: Paper) -> dict[str, Any]:
    config = paper.config["tiers"]
    return {
        "rule": {key: config[key] for key in RULE},
        "axes": config["axes"].get(paper.config["index"]["scheme"]),
        "years": config["years"],
        "regions": paper.region_schemes[0],
        "seed": paper.config["seed"],
    }


def _check(draft: Draft) -> list[Problem]:
    return [
        *check_years(draft, "tiers"),
        *(_check_axes(draft) if draft.dimensions is not None else ()),
        *_check_quantiles(draft),
    ]


def _check_axes(draft: Draft) -> list[Problem]:
    scheme, dimensions = draft.config["index"]["scheme"], draft.dimensions or ()
    known = draft.config["tiers"]["axes"]
    axes = known.get(scheme)
    if axes is None:
        allowed = f"an entry for the index scheme {scheme}: x and y, each a list of {', '.join(dimensions)}"
        return [Problem(draft.file, "tiers.axes", ", ".join(known) or "empty", allowed)]
    named = [
        (("tiers", "axes", scheme, axis, i), name, dimensions)
        for axis in "xy"
        for i, name in enumerate(axes[axis])
    ]
    return check_names(draft, named) + [
        Problem(draft.file, f"tiers.axes.{scheme}", f"{name} on both axes", "each dimension on one axis")
        for name in axes["x"]
        if name in axes["y"]
    ]


def _check_quantiles(draft: Draft) -> list[Problem]:
    lower, upper = draft.config["tiers"]["quantiles"]
    if lower < upper:
        return []
    return [Problem(draft.file, "tiers.quantiles", f"{lower}, {upper}", "a lower quantile below the upper")]


ANALYSIS = Analysis(
    "tiers",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    words=lambda paper: [frame_file("tiers", "labels")],
    items=lambda paper: (
        *items("table", "tier_transitions", "instruments"),
        *items("map", "tier_map"),
        *items("figure", "development_coordinates"),
    ),
    check=_check,
    sections=("tiers",),
)
