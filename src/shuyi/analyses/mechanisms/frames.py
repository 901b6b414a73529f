"""Frames of the analysis of mechanisms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.headline import Headline, read_headline
from shuyi.analyses.mechanisms.channels import (
    Figures,
    build_channel,
    shared_controls,
    shared_indicators,
)
from shuyi.analyses.mechanisms.equations import Equation, claim, family_rows, with_outcome
from shuyi.data.derivations import Derivations
from shuyi.data.series import Caveat, caveats_from, series_table
from shuyi.errors import ShuyiError
from shuyi.indices import Scheme, Weighting, compute_index, load_scheme
from shuyi.panel import Panel

COLUMNS = [
    *("name", "term", "component", "estimate", "std_error", "ci_low", "ci_high", "p_value", "p_adjusted"),
    *("detectable", "scale", "n", "T", "reason"),
]
JOINT = "joint"


@dataclass(frozen=True, eq=False)
class Indexing:
    """What indices are computed from.

    Parameters
    ----------
    clean : Panel
        Series of all units.
    caveats : sequence of Caveat
        Breaks of the series.
    derivations : Derivations
        From which series the variables follow.
    weighting : str
        Weighting of indicators.
    """

    clean: Panel
    caveats: Sequence[Caveat]
    derivations: Derivations
    weighting: Weighting

    def index(self, scheme: Scheme, indicators: Sequence[str], panel: Panel, name: str) -> Panel:
        """Return the panel with an index of some indicators under a name.

        Parameters
        ----------
        scheme : Scheme
            That holds the indicators.
        indicators : sequence of str
            Their ids.
        panel : Panel
            What the index is added to.
        name : str
            Name of the variable.

        Returns
        -------
        Panel
            With the index in place of a variable of that name.
        """
        found = compute_index(
            scheme.of(indicators),
            self.clean,
            weighting=self.weighting,
            caveats=self.caveats,
            derivations=self.derivations,
        )
        own = found.to_panel().select(units=panel.units, periods=panel.periods)
        return panel.with_variables({name: own["digital"]})


def channel_frames(
    headline: Headline,
    term: str,
    channels: Mapping[str, Mapping[str, Any]],
    figures: Figures,
    scheme: Scheme,
    indexing: Indexing,
    *,
    draws: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return the effects of the term on every channel, and what was left out of each equation.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The index.
    channels : mapping of str to mapping
        As the configuration gives them.
    figures : Figures
        From which channels are built.
    scheme : Scheme
        The index of the paper.
    indexing : Indexing
        From which it is computed anew.
    draws, seed : int
        Of the resampled outcomes.

    Returns
    -------
    dict of str to DataFrame
        ``channels`` (one row per channel and component, with group, expected sign and claim) and ``left_out``
        (name, indicators, controls, first and last year, reason).
    """
    equations, about = [], []
    controls = [r for r in headline.specification.regressors if r != term]
    for name, entry in channels.items():
        row: dict[str, Any] = {"name": name, "indicators": "", "controls": "", "reason": ""}
        try:
            channel = build_channel(entry, figures)
            gone = shared_indicators(entry, scheme, indexing.derivations)
            dropped = shared_controls(entry, controls, indexing.derivations)
            own = headline
            if gone:
                kept = [i.id for i in scheme.indicators if i.id not in gone]
                own = headline._replace(panel=indexing.index(scheme, kept, headline.panel, term))
            equation = with_outcome(own, channel.values, channel.periods, name, dropped)
            equations.append(replace(equation, terms=(term,)))
            row |= {"indicators": " ".join(gone), "controls": " ".join(dropped)}
            row |= {"first": channel.periods[0], "last": channel.periods[-1]}
        except ShuyiError as error:
            row["reason"] = " ".join(str(error).split())
        about.append(row)
    rows = family_rows(equations, headline, draws=draws, seed=seed)
    for row in rows:
        entry = channels[row["name"]]
        row |= {"group": entry["group"], "expected": entry["expected"]}
        row["claim"] = claim(row, entry["expected"], headline.level) if "estimate" in row else ""
    return {
        "channels": pd.DataFrame(rows, columns=["group", *COLUMNS, "expected", "claim"]),
        "left_out": pd.DataFrame(
            about, columns=["name", "indicators", "controls", "first", "last", "reason"]
        ),
    }


def race_frame(
    headline: Headline,
    term: str,
    races: Mapping[str, Mapping[str, Any]],
    schemes: Mapping[str, Scheme],
    indexing: Indexing,
    *,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return the effects of parts of the index on the outcome, each alone and all in one equation.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The index, in whose place the parts stand.
    races : mapping of str to mapping
        ``scheme`` and ``parts``: indicators by part.
    schemes : mapping of str to Scheme
        By name.
    indexing : Indexing
        From which indices are computed.
    draws, seed : int
        Of the resampled outcomes.

    Returns
    -------
    DataFrame
        One row per race, equation (a part alone, or ``joint``), part and component.
    """
    rows: list[dict[str, Any]] = []
    for race, entry in races.items():
        panel, spec = headline.panel, headline.specification
        for part, indicators in entry["parts"].items():
            panel = indexing.index(schemes[entry["scheme"]], indicators, panel, f"part_{part}")
        names = tuple(f"part_{part}" for part in entry["parts"])
        others = tuple(r for r in spec.regressors if r != term)
        equations = []
        for label, terms in (*((n.removeprefix("part_"), (n,)) for n in names), (JOINT, names)):
            own = replace(spec, id=label, regressors=(*terms, *others), durbin="all")
            equations.append(Equation(label, panel, own, terms))
        found = family_rows(equations, headline, draws=draws, seed=seed)
        rows += [{"race": race, **row, "term": row["term"].removeprefix("part_")} for row in found]
    return pd.DataFrame(rows, columns=["race", *COLUMNS])


def compute(sources: Sources, settings: Mapping[str, Any], places: Places) -> dict[str, pd.DataFrame]:
    """Return the frames of the analysis.

    Parameters
    ----------
    sources : Sources
        Its input files.
    settings : mapping
        As the declaration gives them.
    places : Places
        The units of the paper.

    Returns
    -------
    dict of str to DataFrame
        ``channels``, ``left_out`` and ``races``.
    """
    headline = read_headline(sources, settings)
    series = series_table(sources.text_frame("figures"), sources.text_frame("codebook"), places.codes)
    indexing = Indexing(
        *(sources.panel("clean"), caveats_from(sources.text_frame("caveats"), places.codes)),
        *(sources.derivations(), settings["weighting"]),
    )
    schema = sources.data("schema")
    loaded = [load_scheme(raw, schema) for raw in sources.all_data("schemes").values()]
    schemes = {scheme.id: scheme for scheme in loaded}
    drawn = {"draws": settings["draws"], "seed": settings["seed"]}
    figures = Figures(headline.panel, series, headline.weights)
    own = schemes[settings["scheme"]]
    found = channel_frames(headline, settings["term"], settings["channels"], figures, own, indexing, **drawn)
    races = race_frame(headline, settings["term"], settings["races"], schemes, indexing, **drawn)
    return {**found, "races": races}
