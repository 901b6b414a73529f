"""The analyses of the paper, the order of its tables and figures, and which analyses a run has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from shuyi.analyses.autocorrelation.settings import ANALYSIS as AUTOCORRELATION
from shuyi.analyses.base import Analysis, Item, MissingSectionError, Paper, is_result
from shuyi.analyses.convergence.settings import ANALYSIS as CONVERGENCE
from shuyi.analyses.coordination.settings import ANALYSIS as COORDINATION
from shuyi.analyses.corrections.settings import ANALYSIS as CORRECTIONS
from shuyi.analyses.curve.settings import ANALYSIS as CURVE
from shuyi.analyses.description.settings import ANALYSIS as DESCRIPTION
from shuyi.analyses.dynamics.settings import ANALYSIS as DYNAMICS
from shuyi.analyses.endogeneity.settings import ANALYSIS as ENDOGENEITY
from shuyi.analyses.estimation.settings import ANALYSIS as ESTIMATION
from shuyi.analyses.explorer.settings import ANALYSIS as EXPLORER
from shuyi.analyses.facts.settings import ANALYSIS as FACTS
from shuyi.analyses.families.settings import ANALYSIS as FAMILIES
from shuyi.analyses.geography.settings import ANALYSIS as GEOGRAPHY
from shuyi.analyses.heterogeneity.settings import ANALYSIS as HETEROGENEITY
from shuyi.analyses.index.settings import ANALYSIS as INDEX
from shuyi.analyses.industry.settings import ANALYSIS as INDUSTRY
from shuyi.analyses.inequality.settings import ANALYSIS as INEQUALITY
from shuyi.analyses.ledger.settings import ANALYSIS as LEDGER
from shuyi.analyses.mechanisms.settings import ANALYSIS as MECHANISMS
from shuyi.analyses.paper.settings import ANALYSIS as PAPER
from shuyi.analyses.pilots.settings import ANALYSIS as PILOTS
from shuyi.analyses.policy.settings import ANALYSIS as POLICY
from shuyi.analyses.reach.settings import ANALYSIS as REACH
from shuyi.analyses.report.settings import ANALYSIS as REPORT
from shuyi.analyses.robustness.settings import ANALYSIS as ROBUSTNESS
from shuyi.analyses.thresholds.settings import ANALYSIS as THRESHOLDS
from shuyi.analyses.tiers.settings import ANALYSIS as TIERS
from shuyi.analyses.weights_choice.settings import ANALYSIS as WEIGHTS_CHOICE

ANALYSES: tuple[Analysis, ...] = (
    *(
        DESCRIPTION,
        INDEX,
        AUTOCORRELATION,
        ESTIMATION,
        CORRECTIONS,
        WEIGHTS_CHOICE,
        ROBUSTNESS,
        ENDOGENEITY,
        MECHANISMS,
        THRESHOLDS,
        REACH,
        CURVE,
        POLICY,
        FAMILIES,
        PILOTS,
        INEQUALITY,
        CONVERGENCE,
        DYNAMICS,
        GEOGRAPHY,
    ),
    *(COORDINATION, TIERS, HETEROGENEITY, LEDGER, INDUSTRY, FACTS, REPORT, PAPER, EXPLORER),
)
"""Every analysis, in the order of the paper."""

FIRST = (
    *("variables", "index_weights", "descriptive_statistics", "correlations", "moran"),
    *("specification_tests", "estimates", "effects", "corrections"),
    *("weights_choice", "weights_posterior"),
    *("robustness", "alternatives", "persistence"),
    *("endogeneity", "sensitivity", "mechanisms", "layers"),
    *("heterogeneity", "directed", "thresholds", "reach", "curve"),
    *("index_map", "weights_map", "lisa_map", "moran_scatter", "moran_by_year", "effects_figure"),
    *("corrections_figure", "weights_figure", "robustness_figure", "alternatives_figure"),
    *("endogeneity_figure", "mechanisms_figure", "heterogeneity_figure", "thresholds_figure"),
    *("reach_figure", "curve_figure"),
)
"""Tables and figures that open the paper, in this order; all others follow in the order of the analyses."""


def analyses_of(
    paper: Paper, exists: Callable[[str], bool], analyses: Iterable[Analysis] = ANALYSES
) -> tuple[tuple[Analysis, ...], dict[str, str]]:
    """Return the analyses of a run, and of each other one the sentence that says why it is off.

    An analysis is off where the configuration says so, where a file that it reads is missing, and where an
    analysis that it needs is off.

    Parameters
    ----------
    paper : Paper
        What the configuration and the sheet ask for.
    exists : callable
        Whether there is a file of a path.
    analyses : iterable of Analysis, default `ANALYSES`
        In an order in which none needs a later one.

    Returns
    -------
    tuple of Analysis
        Those of the run, in order.
    dict of str to str
        Sentence by id of an analysis that is off.
    """
    on: list[Analysis] = []
    off: dict[str, str] = {}
    for analysis in analyses:
        reason = _reason(analysis, paper, exists, off)
        if reason:
            off[analysis.id] = reason
        else:
            on.append(analysis)
    return tuple(on), off


def needed(analysis: Analysis, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the analyses whose results an analysis reads.

    Parameters
    ----------
    analysis : Analysis
        A declaration.
    config : mapping
        The configuration: analyses that `Analysis.uses` names count where it has their sections.

    Returns
    -------
    tuple of str
        Ids.
    """
    declared = {each.id: each for each in ANALYSES}
    used = (name for name in analysis.uses if not missing_sections(declared[name], config))
    return (*analysis.needs, *used)


def missing_sections(analysis: Analysis, config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the sections that an analysis reads and a configuration does not have.

    Parameters
    ----------
    analysis : Analysis
        A declaration.
    config : mapping
        The configuration.

    Returns
    -------
    tuple of str
        Names of sections.
    """
    return tuple(section for section in analysis.sections if section not in config)


def _reason(analysis: Analysis, paper: Paper, exists: Callable[[str], bool], off: Mapping[str, str]) -> str:
    opening = f"The analysis {analysis.id} is off:"
    if analysis.id in paper.config["analyses"]["off"]:
        return f"{opening} analyses.off names it."
    absent = missing_sections(analysis, paper.config)
    if absent:
        return f"{opening} the configuration has no section {absent[0]}."
    lacking = [name for name in needed(analysis, paper.config) if name in off]
    if lacking:
        return f"{opening} it needs {lacking[0]}, which is off."
    try:
        analysis.settings(paper)
        read = analysis.read_by(paper)
        analysis.items(paper)
    except MissingSectionError as error:
        return f"{opening} the configuration has no section {error.args[0]}."
    missing = [file for file in read if not is_result(file) and not exists(file)]
    return f"{opening} {missing[0]} is missing." if missing else ""


def items_of(paper: Paper, analyses: Sequence[Analysis]) -> list[Item]:
    """Return the tables, figures and maps of several analyses in the order of the paper.

    Parameters
    ----------
    paper : Paper
        What the configuration and the sheet ask for.
    analyses : sequence of Analysis
        Analyses of the run.

    Returns
    -------
    list of Item
        In the order in which they are numbered.
    """
    found = [item for analysis in analyses for item in analysis.items(paper)]
    place = {name: i for i, name in enumerate(FIRST)}
    return sorted(found, key=lambda item: place.get(item.part_of or item.name, len(place)))


def numbers_of(items: Iterable[Item]) -> dict[str, str]:
    """Return the number of each item by name: tables, and figures with maps, are counted by themselves.

    Parts of one table or figure share its number, with letters from the second on: 9, 9b, 9c.

    Parameters
    ----------
    items : iterable of Item
        Tables, figures and maps in the order of the paper.

    Returns
    -------
    dict of str to str
        Number by name.
    """
    groups: dict[str, dict[str, list[str]]] = {"table": {}, "figure": {}}
    for item in items:
        kind = "table" if item.kind == "table" else "figure"
        groups[kind].setdefault(item.part_of or item.name, []).append(item.name)
    return {
        name: f"{number}{'' if i == 0 else chr(ord('a') + i)}"
        for kind in groups.values()
        for number, names in enumerate(kind.values(), 1)
        for i, name in enumerate(names)
    }
