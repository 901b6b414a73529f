"""Frames of the analysis of thresholds and diminishing returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.analyses.base import Places, Sources
from shuyi.analyses.headline import Headline, read_headline, told
from shuyi.errors import ShuyiError
from shuyi.spatialpanel import fit
from shuyi.spatialpanel.group_effects import fit_groups
from shuyi.spatialpanel.threshold import (
    ABOVE,
    BELOW,
    Threshold,
    fit_spatial_threshold,
    fit_thresholds,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel

HANSEN, SPATIAL = "hansen", "spatial"
SQUARE = "square"
COLUMNS = [
    *("variable", "model", "order", "value", "low", "high", "statistic", "p_value", "draws", "at_edge"),
    "reason",
]
EFFECT_COLUMNS = [
    *("variable", "component", "regime", "units"),
    *("estimate", "std_error", "ci_low", "ci_high", "p_value", "detectable", "equal_p"),
]


def threshold_variable(entry: Mapping[str, Any], panel: Panel) -> NDArray[np.float64]:
    """Return a threshold variable that does not turn the test into one of dates.

    Parameters
    ----------
    entry : mapping
        ``variable`` and ``take``: ``initial`` (its value in the first period) or ``detrended`` (less the mean
        of each period).
    panel : Panel
        That holds the variable.

    Returns
    -------
    ndarray, shape (T, n)
        By period and unit.
    """
    values = panel[entry["variable"]]
    if entry["take"] == "initial":
        return np.repeat(values[:1], panel.T, axis=0)
    return values - values.mean(axis=1, keepdims=True)


def threshold_rows(
    headline: Headline, term: str, q: NDArray, *, count: int, trim: float, draws: int, seed: int
) -> dict[str, list[Threshold]]:
    """Return thresholds without and with spatial terms.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The regressor whose coefficients change.
    q : ndarray, shape (T, n)
        Threshold variable.
    count : int
        Thresholds without spatial terms.
    trim : float
        Share of observations that each regime must hold at least.
    draws, seed : int
        Of the samples under the null.

    Returns
    -------
    dict of str to list of Threshold
        ``hansen`` and ``spatial``.
    """
    spec, panel = headline.specification, headline.panel
    others = [name for name in spec.regressors if name != term]
    controls = panel.array(others) if others else None
    common: dict[str, Any] = {"trim": trim, "draws": draws, "seed": seed, "level": headline.level}
    plain = fit_thresholds(
        *(panel[spec.outcome], panel[term], q, controls), effects=spec.effects, count=count, **common
    )
    spatial = fit_spatial_threshold(
        *(panel, headline.weights),
        outcome=spec.outcome,
        regressors=spec.regressors,
        term=term,
        q=q,
        effects=spec.effects,
        correction=spec.correction,
        durbin=None if spec.durbin == "all" else tuple(spec.durbin),
        **common,
    )
    return {HANSEN: plain, SPATIAL: [spatial]}


def regime_effects(headline: Headline, term: str, name: str, below: NDArray) -> list[dict[str, Any]]:
    """Return direct and received effects below and above a threshold, as if it were known.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The regressor.
    name : str
        Of the threshold variable.
    below : ndarray of bool, shape (T, n)
        Whether each cell lies below the threshold, or at it.

    Returns
    -------
    list of dict
        Rows of ``effects``.
    """
    spec = headline.specification
    member = np.where(below, BELOW, ABOVE)
    found = fit_groups(
        *(headline.panel, headline.weights),
        outcome=spec.outcome,
        regressors=spec.regressors,
        term=term,
        groups=member,
        by="receiver",
        effects=spec.effects,
        correction=spec.correction,
        covariance=spec.covariance,
        durbin=None if spec.durbin == "all" else tuple(spec.durbin),
    )
    rows = []
    for row in found.effects().to_dict("records"):
        component = str(row["component"])
        rows.append(
            {
                "variable": name,
                "component": component,
                "regime": row["receivers"],
                "units": row["units"],
                **told(row["estimate"], row["std_error"], headline.panel.n, headline.level, headline.power),
                "equal_p": found.equality(component)["p_value"],
            }
        )
    return sorted(rows, key=lambda row: (row["component"], row["regime"] == ABOVE))


def quadratic_rows(headline: Headline, term: str) -> list[dict[str, Any]]:
    """Return effects of the term at its mean and of its square, in one spatial Durbin model.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The regressor.

    Returns
    -------
    list of dict
        term (the regressor or ``square``), component, what `headline.told` gives, turning (value of the term
        at which the direct effect changes sign), above (share of observations beyond it).
    """
    spec, panel = headline.specification, headline.panel
    x = panel[term]
    centred = x - x.mean()
    wide = panel.with_variables({term: centred, SQUARE: centred**2})
    regressors = (*spec.regressors, SQUARE)
    durbin = spec.durbin if isinstance(spec.durbin, str) else (*spec.durbin, SQUARE)
    found = fit(wide, headline.weights, replace(spec, regressors=regressors, durbin=durbin))
    frame = found.effects(draws=0, level=headline.level).to_frame()
    direct = frame[frame["component"] == "direct"].set_index("term")["estimate"]
    turning = float(x.mean() - direct[term] / (2 * direct[SQUARE]))
    rows = []
    for row in frame[frame["term"].isin([term, SQUARE])].to_dict("records"):
        told_ = told(row["estimate"], row["std_error_delta"], panel.n, headline.level, headline.power)
        rows.append(
            {
                "term": row["term"],
                "component": row["component"],
                **told_,
                "turning": turning,
                "above": float((x > turning).mean()),
            }
        )
    return rows


def threshold_frames(
    headline: Headline, term: str, variables: Mapping[str, Mapping[str, Any]], settings: Mapping[str, Any]
) -> dict[str, pd.DataFrame]:
    """Return thresholds, effects on either side, curves of the criterion, and the quadratic.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The regressor.
    variables : mapping of str to mapping
        Threshold variables as configured.
    settings : mapping
        ``count``, ``trim``, ``draws`` and ``seed``.

    Returns
    -------
    dict of str to DataFrame
        ``thresholds``, ``effects``, ``curves`` (variable, model, value, criterion) and ``quadratic``.
    """
    options = {key: settings[key] for key in ("count", "trim", "draws", "seed")}
    rows: list[dict[str, Any]] = []
    effects: list[dict[str, Any]] = []
    curves: list[dict[str, Any]] = []
    for name, entry in variables.items():
        try:
            q = threshold_variable(entry, headline.panel)
            found = threshold_rows(headline, term, q, **options)
            effects += regime_effects(headline, term, name, q <= found[SPATIAL][0].value)
        except ShuyiError as error:
            rows.append({"variable": name, "model": "", "reason": " ".join(str(error).split())})
            continue
        for model, thresholds in found.items():
            for order, one in enumerate(thresholds, 1):
                about = {"variable": name, "model": model, "order": order}
                fields = ("value", "low", "high", "statistic", "p_value", "draws", "at_edge")
                rows.append({**about, **{f: getattr(one, f) for f in fields}, "reason": ""})
            first = thresholds[0]
            curves += [
                {"variable": name, "model": model, "value": g, "criterion": c}
                for g, c in zip(first.grid, first.criterion, strict=True)
            ]
    return {
        "thresholds": pd.DataFrame(rows, columns=COLUMNS),
        "effects": pd.DataFrame(effects, columns=EFFECT_COLUMNS),
        "curves": pd.DataFrame(curves, columns=["variable", "model", "value", "criterion"]),
        "quadratic": pd.DataFrame(quadratic_rows(headline, term)),
    }


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
        See `threshold_frames`.
    """
    headline = read_headline(sources, settings)
    return threshold_frames(headline, settings["term"], settings["variables"], settings)
