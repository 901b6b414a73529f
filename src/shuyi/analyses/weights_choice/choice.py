"""The headline under other weights, the posterior of weights and model, a convex combination of weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.estimation.rows import Reading, effect_rows
from shuyi.analyses.robustness.variants import Headline
from shuyi.spatialpanel import ModelComparison, compare_models
from shuyi.spatialpanel.convex import ConvexCombination, convex_combination
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many import fit_many
from shuyi.spatialpanel.model_selection import COMPARED, LIKELIHOODS

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.weights import Weights

COMBINED = "combined"
"""Row of the convex combination."""
SECOND = "lee_yu"
"""Correction whose likelihood is integrated where that of the headline has none."""
ISLANDS = "keep"


@dataclass(frozen=True, eq=False)
class Choice:
    """The headline with all weights.

    Parameters
    ----------
    headline : Headline
        The headline and its data.
    weights : mapping of str to Weights
        By name, of the panel's units.
    """

    headline: Headline
    weights: Mapping[str, Weights]

    @property
    def correction(self) -> str:
        """Correction whose likelihood is integrated."""
        own = self.headline.specification.correction
        return own if own in LIKELIHOODS else SECOND

    @property
    def comparable(self) -> dict[str, Weights]:
        """Weights that the correction admits."""
        needs_rows = self.correction == SECOND and self.headline.specification.effects in ("time", "twoways")
        return {k: w for k, w in self.weights.items() if w.is_row_standardised or not needs_rows}

    def terms(self) -> dict[str, Any]:
        """Return what all models share.

        Returns
        -------
        dict
            Outcome, regressors, effects, correction and rule for islands.
        """
        spec = self.headline.specification
        return {
            "outcome": spec.outcome,
            "regressors": spec.regressors,
            "durbin": spec.durbin if spec.durbin != "none" else "all",
            "effects": spec.effects,
            "correction": self.correction,
            "islands": ISLANDS,
        }


def choice_frames(
    choice: Choice,
    *,
    models: Sequence[str],
    combined: Sequence[str],
    steps: int,
    reading: Reading,
    draws: int,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return all frames of the analysis.

    Parameters
    ----------
    choice : Choice
        The headline with all weights.
    models : sequence of str
        Models of the posterior.
    combined : sequence of str
        Weights of the convex combination; fewer than two for none.
    steps : int
        Steps of its lattice.
    reading : Reading
        Level of intervals, and power.
    draws, seed : int
        Of the averaged effects.

    Returns
    -------
    dict of str to DataFrame
        effects (weights, component, then as `rows.effect_row`), posterior (a row per weights and model),
        shares (of the combination), averages (effects averaged over weights within the headline's model).
    """
    import pandas as pd

    mixture = _mixture(choice, combined, steps)
    compared = compare_models(
        choice.headline.panel,
        choice.comparable,
        models=models,
        covariance=choice.headline.specification.covariance,
        **choice.terms(),
    )
    return {
        "effects": effects_by_weights(choice, mixture, reading),
        "posterior": posterior_frame(choice, compared),
        "shares": mixture.to_frame(reading.level).assign(**_evidence(mixture, compared))
        if mixture
        else pd.DataFrame({"weights": []}),
        "averages": _averages(choice, compared, reading, draws, seed),
    }


def effects_by_weights(choice: Choice, mixture: ConvexCombination | None, reading: Reading) -> pd.DataFrame:
    """Return the effects of the term under every weights matrix and the best combination.

    Parameters
    ----------
    choice : Choice
        The headline with all weights.
    mixture : ConvexCombination or None
        Of some of them.
    reading : Reading
        Level of intervals, and power.

    Returns
    -------
    DataFrame
        weights, rho, rho_std_error, n, T, reason, component, then as `rows.effect_row`.
    """
    import pandas as pd

    spec, head = choice.headline.specification, choice.headline
    tried = {**choice.weights, **({COMBINED: mixture.weights()} if mixture else {})}
    specs = [replace(spec, id=name, weights=name, sample="") for name in tried]
    found = fit_many({"": head.panel}, tried, specs, islands=ISLANDS)
    estimate, error = found.effect(head.term)
    rows = []
    for i, name in enumerate(tried):
        about = {"weights": name, "rho": found.rho[i], "rho_std_error": found.rho_std_error[i]}
        about |= {"n": int(found.n[i]), "T": int(found.T[i]), "reason": " ".join(found.reasons[i].split())}
        n = max(int(found.n[i]), 2)
        rows += [{**about, **row} for row in effect_rows(estimate[i], error[i], n, reading)]
    return pd.DataFrame(rows)


def posterior_frame(choice: Choice, compared: ModelComparison) -> pd.DataFrame:
    """Return the posterior probability of every pair of weights and model.

    Parameters
    ----------
    choice : Choice
        The headline with all weights.
    compared : ModelComparison
        Of the weights that the correction admits.

    Returns
    -------
    DataFrame
        The columns of `ModelComparison.to_frame`; interval_low, interval_high (admissible, of the weights);
        within_model (probability among the weights of that model), probability_weights, probability_model
        (sums); rows of weights that are not comparable have a reason.
    """
    import pandas as pd

    frame = compared.to_frame()
    sums = {
        "within_model": frame["probability"] / frame.groupby("model")["probability"].transform("sum"),
        "probability_weights": frame.groupby("weights")["probability"].transform("sum"),
        "probability_model": frame.groupby("model")["probability"].transform("sum"),
    }
    ends = {name: weights.eigenvalue_interval for name, weights in choice.comparable.items()}
    frame = frame.assign(
        **sums,
        interval_low=[ends[name][0] for name in frame["weights"]],
        interval_high=[ends[name][1] for name in frame["weights"]],
        reason="",
    )
    left_out = [name for name in choice.weights if name not in choice.comparable]
    rest = [{"model": "", "weights": name, "reason": "not row-standardised"} for name in left_out]
    return pd.concat([frame, pd.DataFrame(rest)], ignore_index=True) if rest else frame


def _mixture(choice: Choice, combined: Sequence[str], steps: int) -> ConvexCombination | None:
    parts = {name: choice.comparable[name] for name in combined if name in choice.comparable}
    spec = choice.headline.specification
    if len(parts) < 2 or spec.model not in COMPARED:
        return None
    return convex_combination(choice.headline.panel, parts, model=spec.model, steps=steps, **choice.terms())


def _evidence(mixture: ConvexCombination, compared: ModelComparison) -> dict[str, float]:
    """Return log evidence of the combination and of the best of its parts alone, in the same model."""
    corners = [float(mixture.log_marginal[mixture.points[:, k] == 1.0][0]) for k in range(len(mixture.names))]
    return {"log_evidence": mixture.log_evidence, "log_best_part": float(np.max(corners))}


def _averages(
    choice: Choice, compared: ModelComparison, reading: Reading, draws: int, seed: int
) -> pd.DataFrame:
    import pandas as pd

    model = choice.headline.specification.model
    columns = ["component", "estimate", "std_error_delta", "share_between", "ci_low", "ci_high"]
    if model not in compared.models:
        return pd.DataFrame(columns=columns)
    averaged = compared.average_effects(model, draws=draws, seed=seed, level=reading.level).to_frame()
    found = averaged[averaged["term"] == choice.headline.term]
    assert list(found["component"]) == list(COMPONENTS)
    return found[columns]
