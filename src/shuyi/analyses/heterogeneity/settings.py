"""Heterogeneity of the headline by groups of receivers and senders: the declaration of the analysis."""

from __future__ import annotations

from typing import Any

from shuyi.analyses.base import Analysis, Draft, Files, Paper, frame_file, items
from shuyi.analyses.checks import check_names
from shuyi.analyses.headline import check_headline, headline_inputs, headline_settings
from shuyi.schema import Problem

FRAMES = ("effects", "tests", "regimes")


def _inputs(paper: Paper) -> dict[str, Files]:
    return {**headline_inputs(paper), "tiers": frame_file("tiers", "tiers")}


def _settings(paper: Paper) -> dict[str, Any]:
    return {**paper.config["heterogeneity"], **headline_settings(paper)}


def _check(draft: Draft) -> list[Problem]:
    section = draft.config["heterogeneity"]
    groupings = section["groupings"]
    by_unit = [name for name, entry in groupings.items() if entry["kind"] != "period"]
    named: list[Any] = [
        (("heterogeneity", key, i), name, by_unit)
        for key in ("directed", "links")
        for i, name in enumerate(section[key])
    ]
    named.append((("heterogeneity", "regime", "grouping"), section["regime"]["grouping"], by_unit))
    first, last = draft.span
    years = [
        Problem(
            draft.file,
            f"heterogeneity.groupings.{name}.year",
            str(entry["year"]),
            f"a year after {first}, up to {last}",
        )
        for name, entry in groupings.items()
        if entry["kind"] == "period" and not first < entry["year"] <= last
    ]
    return [*check_headline(draft, "heterogeneity"), *check_names(draft, named), *years]


ANALYSIS = Analysis(
    "heterogeneity",
    inputs=_inputs,
    settings=_settings,
    frames=lambda paper: FRAMES,
    reads=headline_inputs,
    words=lambda paper: [frame_file("tiers", "labels")],
    items=lambda paper: (
        *items("table", "heterogeneity", "directed"),
        *items("figure", "heterogeneity_figure"),
    ),
    check=_check,
    sections=("heterogeneity", "estimation"),
    needs=("tiers",),
)
