"""What analyses of the headline share: its panel, weights and specification, and what notes state of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from shuyi.analyses.base import PANEL, Draft, Files, Paper, Sources, weights_file
from shuyi.analyses.estimation.estimates import cut_to_sample
from shuyi.publish.notes import estimation_notes, sample_note, weights_notes
from shuyi.publish.numbers import number
from shuyi.schema import Problem
from shuyi.spatialpanel import Specification
from shuyi.spatialpanel.effects import p_value, reference_quantile
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error

if TYPE_CHECKING:
    from shuyi.panel import Panel
    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights

TWOWAYS = "twoways"
MODEL = "sdm"


class Headline(NamedTuple):
    """The headline, ready to be estimated.

    Parameters
    ----------
    panel : Panel
        Cut to its sample.
    weights : Weights
        Of the panel's units.
    specification : Specification
        With the covariance of the paper.
    level, power : float
        Level of intervals, and power at which an effect counts as detectable.
    """

    panel: Panel
    weights: Weights
    specification: Specification
    level: float
    power: float


def headline_inputs(paper: Paper) -> dict[str, Files]:
    """Return the files that the headline is estimated from.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    dict of str to str
        By name.
    """
    return {"panel": PANEL, "weights": weights_file(paper.headline.weights)}


def headline_settings(paper: Paper) -> dict[str, Any]:
    """Return the settings that the headline is estimated with.

    Parameters
    ----------
    paper : Paper
        The run.

    Returns
    -------
    dict
        Plain values.
    """
    return {
        "specification": paper.headline.to_dict(),
        "covariance": paper.config["estimation"]["covariance"],
        "excluded": list(paper.excluded(paper.headline.id)),
        "level": paper.config["estimation"]["confidence"],
        "power": paper.config["estimation"]["power"],
        "seed": paper.config["seed"],
    }


def read_headline(sources: Sources, settings: Mapping[str, Any]) -> Headline:
    """Return the headline of a job.

    Parameters
    ----------
    sources : Sources
        Input files of the job.
    settings : mapping
        As `headline_settings` gives them.

    Returns
    -------
    Headline
        With the default covariance of the paper.
    """
    weights = sources.weights("weights")
    panel, own = cut_to_sample(sources.panel("panel"), weights, settings["excluded"])
    specification = Specification.from_row(settings["specification"])
    return Headline(
        *(panel, own, replace(specification, covariance=settings["covariance"])),
        *(settings["level"], settings["power"]),
    )


def told(estimate: float, std_error: float, n: int, level: float, power: float) -> dict[str, Any]:
    """Return what a table says of an estimate with a clustered error: interval, p-value, detectable effect.

    Parameters
    ----------
    estimate, std_error : float
        Estimate and its error.
    n : int
        Number of units, each a cluster: Student's t has n - 1 degrees of freedom.
    level, power : float
        Confidence level, and power at which an effect counts as detectable.

    Returns
    -------
    dict
        estimate, std_error, ci_low, ci_high, p_value, detectable.
    """
    reach = reference_quantile(level, n - 1)[0] * std_error
    return {
        "estimate": estimate,
        "std_error": std_error,
        "ci_low": estimate - reach,
        "ci_high": estimate + reach,
        "p_value": p_value(estimate / std_error, n - 1) if std_error > 0 else float("nan"),
        "detectable": detectable_from_error(std_error, n, power=power, level=1 - level),
    }


def headline_notes(
    settings: Mapping[str, Any], weights: Weights, n: int, periods: Sequence[Any], labels: Labels
) -> list[str]:
    """Return what notes state of estimates that follow the headline.

    Parameters
    ----------
    settings : mapping
        As `headline_settings` gives them.
    weights : Weights
        Of the headline.
    n : int
        Number of units.
    periods : sequence
        Periods of the sample.
    labels : Labels
        Words in the language of the table.

    Returns
    -------
    list of str
        Sentences on effects, correction, covariance, reference distribution, detectable effects, weights and
        sample.
    """
    spec = settings["specification"]
    facts = {
        "outcome": spec["outcome"],
        "effects": spec["effects"],
        "correction": spec["correction"],
        "covariance": settings["covariance"],
    }
    return [
        *estimation_notes(facts, labels),
        labels.text("note.reference_t", df=n - 1),
        labels.text(
            "note.detectable",
            power=f"{100 * settings['power']:g}",
            size=number(100 * (1 - settings["level"]), 0),
        ),
        *weights_notes(spec["weights"], weights, labels),
        sample_note(n, periods, labels),
    ]


def check_headline(draft: Draft, section: str, *, models: Sequence[str] = (MODEL,)) -> list[Problem]:
    """Return the problems of an analysis that follows the headline and one of its regressors.

    Parameters
    ----------
    draft : Draft
        Configuration and sheet to check.
    section : str
        Section of the configuration, which holds ``term``.
    models : sequence of str, default the spatial Durbin model
        Models of the headline that the analysis can follow.

    Returns
    -------
    list of Problem
        Empty where headline and term fit.
    """
    config = draft.config
    row = next((r for r in draft.rows if r.get("id") == config["estimation"]["headline"]), None)
    if row is None or row.get("model") not in MODELS:
        return []
    hint = f'or put "{section}" into analyses.off'
    problems = []
    if row["model"] not in models:
        found = f"{row['id']!r}, a row of model {row['model']}"
        allowed = f"the id of a row of model {', '.join(models)}"
        problems.append(Problem(draft.file, "estimation.headline", found, allowed, hint))
    if row.get("effects") not in (TWOWAYS, "individual"):
        allowed = "a row with individual or twoways effects"
        problems.append(
            Problem(draft.file, "estimation.headline", f"effects: {row.get('effects')}", allowed, hint)
        )
    term, regressors = config[section]["term"], row.get("regressors", "").split()
    if term not in regressors:
        problems.append(Problem(draft.file, f"{section}.term", term, f"one of {', '.join(regressors)}"))
    return problems
