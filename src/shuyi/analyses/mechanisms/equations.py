"""From the index, and its spatial lag, to each channel: the headline's design with the channel as outcome.

No product of two coefficients is formed and no share is called mediated: what a channel does to the outcome
is argued, not estimated in the same step (Jiang 2022). Errors of all channels are resampled with the same
signs for whole units, so that p-values allow for the number of channels by `spatialpanel.stepdown`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.headline import Headline, told
from shuyi.errors import ShuyiError
from shuyi.spatialpanel.many import draw_outcomes, fit_resampled
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.stepdown import step_down
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.spatialpanel import Specification

COMPONENTS = ("direct", "indirect")
"""Effects that form the family: of the own index, and of the neighbours'."""
EXPECTED = {"positive": 1, "negative": -1}
SUPPORTED, CONTRARY, SUGGESTIVE, NONE = "supported", "contrary", "suggestive", "none"


@dataclass(frozen=True, eq=False)
class Equation:
    """One equation of a family.

    Parameters
    ----------
    name : str
        Of the channel, or of the race.
    panel : Panel
        Outcome and regressors, over the years that the outcome has.
    specification : Specification
        What is estimated.
    terms : tuple of str
        Regressors whose effects are read.
    """

    name: str
    panel: Panel
    specification: Specification
    terms: tuple[str, ...]


def family_rows(
    equations: Sequence[Equation], headline: Headline, *, draws: int, seed: int
) -> list[dict[str, Any]]:
    """Return the effects of all equations, with p-values that allow for the number of them.

    Parameters
    ----------
    equations : sequence of Equation
        The family.
    headline : Headline
        With weights, level and power.
    draws, seed : int
        Of the resampled outcomes.

    Returns
    -------
    list of dict
        name, term, component, what `headline.told` gives, p_adjusted, scale (within standard deviation of the
        term over that of the outcome), n, T, reason.
    """
    rows: list[dict[str, Any]] = []
    ratios: list[NDArray[np.float64]] = []
    for equation in equations:
        try:
            found, resampled = _estimated(equation, headline, draws, seed)
        except ShuyiError as error:
            reason = " ".join(str(error).split())
            rows += [{"name": equation.name, "term": t, "reason": reason} for t in equation.terms]
            continue
        rows += found
        ratios.append(resampled)
    estimated = [row for row in rows if "estimate" in row]
    if estimated:
        t = np.array([row["estimate"] / row["std_error"] for row in estimated])
        adjusted = step_down(t, np.concatenate(ratios, axis=1))
        for row, p in zip(estimated, adjusted, strict=True):
            row["p_adjusted"] = float(p)
    return rows


def _estimated(
    equation: Equation, headline: Headline, draws: int, seed: int
) -> tuple[list[dict[str, Any]], NDArray[np.float64]]:
    """Return the rows of one equation and the resampled t ratios, shape (draws, rows)."""
    spec, panel = equation.specification, equation.panel
    durbin = None if spec.durbin in ("none", ()) else spec.durbin
    model = MODELS[spec.model](
        *(panel, headline.weights),
        outcome=spec.outcome,
        regressors=spec.regressors,
        durbin=durbin,
        effects=spec.effects,
    )
    fit = model.fit(spec.correction, spec.covariance)
    outcomes = draw_outcomes(fit, draws=draws, seed=seed)
    many = fit_resampled(model, outcomes, spec.correction, spec.covariance)
    effects = fit.effects(draws=0, level=headline.level).to_frame().set_index(["term", "component"])
    rows, ratios = [], []
    for term in equation.terms:
        place = many.terms.index(term)
        scale = _spread(panel[term], spec.effects) / _spread(panel[spec.outcome], spec.effects)
        for j, component in enumerate(COMPONENTS):
            own = effects.loc[(term, component)]
            value, error = float(own["estimate"]), float(own["std_error_delta"])
            rows.append(
                {
                    "name": equation.name,
                    "term": term,
                    "component": component,
                    **told(value, error, panel.n, headline.level, headline.power),
                    "scale": scale,
                    "n": panel.n,
                    "T": panel.T,
                    "reason": "",
                }
            )
            moved = many.effects[:, place, j] - value
            ratios.append(moved / many.effects_std_error[:, place, j])
    return rows, np.column_stack(ratios)


def claim(row: Mapping[str, Any], expected: str, level: float) -> str:
    """Return how strong a claim an effect supports.

    Parameters
    ----------
    row : mapping
        estimate, p_value, p_adjusted.
    expected : {"positive", "negative"}
        Sign that theory gives it.
    level : float
        Confidence level.

    Returns
    -------
    {"supported", "contrary", "suggestive", "none"}
        Supported, or contrary, where the adjusted p-value lies below one minus the level and the sign is as
        expected, or not; suggestive where only the unadjusted p-value does and the sign is as expected; else
        none.
    """
    alpha = round(1 - level, 12)
    agrees = bool(np.sign(row["estimate"]) == EXPECTED[expected])
    if row["p_adjusted"] < alpha:
        return SUPPORTED if agrees else CONTRARY
    return SUGGESTIVE if agrees and row["p_value"] < alpha else NONE


def with_outcome(
    headline: Headline, values: NDArray, periods: Sequence[int], name: str, dropped: Sequence[str]
) -> Equation:
    """Return the headline's equation with a channel as outcome.

    Parameters
    ----------
    headline : Headline
        Its panel holds the index of this equation.
    values : ndarray, shape (T, n)
        The channel.
    periods : sequence of int
        Its years.
    name : str
        Of the channel.
    dropped : sequence of str
        Controls that leave the equation.

    Returns
    -------
    Equation
        Of the term that the headline names first.
    """
    spec = headline.specification
    panel = headline.panel.select(periods=periods).with_variables({f"channel_{name}": values})
    kept = tuple(r for r in spec.regressors if r not in dropped)
    durbin = spec.durbin if isinstance(spec.durbin, str) else tuple(d for d in spec.durbin if d in kept)
    own = replace(spec, id=name, outcome=f"channel_{name}", regressors=kept, durbin=durbin)
    return Equation(name, panel, own, ())


def _spread(values: NDArray, effects: str) -> float:
    return float(within(values, effects).std())
