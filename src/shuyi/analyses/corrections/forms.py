"""The headline as a static, differenced, correlated random effects and dynamic model.

Static forms are fitted together; where corrections give the same numbers (individual effects alone), one
row names them all. Effects of a dynamic estimate exist inside the stable region alone: outside it, its
parameters and spectral radius are the finding. Intervals of dynamic effects are percentiles of draws in the
stable region, because long-run effects are skewed near its edge.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.estimation.rows import Reading, effect_rows
from shuyi.analyses.robustness.variants import Headline, differences
from shuyi.errors import ShuyiError
from shuyi.spatialpanel import mundlak_wald, stability
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many import fit_many
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.stability import HORIZONS

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.spatialpanel import Fit, Specification
    from shuyi.weights import Weights

STATIC, DIFFERENCED, CORRELATED, DYNAMIC = "static", "differenced", "correlated", "dynamic"
SAME = 1e-8
"""Relative difference below which two corrections gave the same numbers: that of the single fits."""
TIME_LAGS = ("tau", "eta")
JOINER = "+"
"""Between the corrections that one row names."""


def forms_frame(
    headline: Headline,
    weights: Weights,
    *,
    effects: Sequence[str],
    corrections: Sequence[str],
    dynamics: Sequence[str],
    reading: Reading,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return the effects of the term under every form of the headline.

    Parameters
    ----------
    headline : Headline
        The headline and its data.
    weights : Weights
        Of the headline, of the panel's units.
    effects, corrections, dynamics : sequence of str
        Fixed effects, corrections and lags in time that are tried.
    reading : Reading
        Level of the intervals, and power.
    draws, seed : int
        Of the intervals of dynamic effects.

    Returns
    -------
    DataFrame
        One row per form, horizon and component: kind, effects, correction (several, joined by ``+``, where
        they give the same numbers), dynamics, horizon, rho, tau, eta with ``_std_error``, radius, stable,
        unit_root_p, share_redrawn, mundlak_p, covariance, n, T, the columns of `rows.effect_row`, reason.
    """
    import pandas as pd

    rows = [
        *_static(headline, weights, effects, corrections, reading),
        *_differenced(headline, weights, reading),
        *_correlated(headline, weights, reading),
        *_dynamic(headline, weights, product(dynamics, corrections), reading, draws, seed),
    ]
    return pd.DataFrame(rows)


def _blank(kind: str, effects: str, correction: str, covariance: str) -> dict[str, Any]:
    about = {"kind": kind, "effects": effects, "correction": correction, "dynamics": "", "horizon": "short"}
    numbers = ("rho", "rho_std_error", "tau", "tau_std_error", "eta", "eta_std_error", "radius")
    rest = dict.fromkeys((*numbers, "unit_root_p", "share_redrawn", "mundlak_p"), np.nan)
    return {**about, **rest, "stable": "", "covariance": covariance, "n": 0, "T": 0, "reason": ""}


def _static(
    headline: Headline,
    weights: Weights,
    effects: Sequence[str],
    corrections: Sequence[str],
    reading: Reading,
) -> list[dict[str, Any]]:
    pairs = list(product(effects, corrections))
    specs = [
        replace(headline.specification, id=f"{e} {c}", effects=e, correction=c, sample="", weights="")
        for e, c in pairs
    ]
    found = _together(headline, weights, specs)
    return _merged([_of_many(found, i, *pair, STATIC, headline, reading) for i, pair in enumerate(pairs)])


def _together(headline: Headline, weights: Weights, specs: Sequence[Specification]) -> Any:
    return fit_many({"": headline.panel}, {"": weights}, specs)


def _of_many(
    found: Any, i: int, effects: str, correction: str, kind: str, headline: Headline, reading: Reading
) -> list[dict[str, Any]]:
    estimate, error = found.effect(headline.term)
    about = _blank(kind, effects, correction, headline.specification.covariance)
    about |= {"rho": found.rho[i], "rho_std_error": found.rho_std_error[i]}
    about |= {"n": int(found.n[i]), "T": int(found.T[i]), "reason": _one_line(found.reasons[i])}
    return _with_effects(about, estimate[i], error[i], reading)


def _with_effects(about: dict[str, Any], estimate: Any, error: Any, reading: Reading) -> list[dict[str, Any]]:
    n = max(int(about["n"]), 2)
    return [{**about, **row} for row in effect_rows(estimate, error, n, reading)]


def _merged(forms: Sequence[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the rows of forms in order, those of equal numbers under the names of all their corrections."""
    kept: list[list[dict[str, Any]]] = []
    for form in forms:
        twin = next((other for other in kept if _are_same(form, other)), None)
        if twin is None:
            kept.append(form)
            continue
        for row in twin:
            row["correction"] += f"{JOINER}{form[0]['correction']}"
    return [row for form in kept for row in form]


def _are_same(form: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> bool:
    if form[0]["effects"] != other[0]["effects"] or form[0]["reason"] or other[0]["reason"]:
        return False
    names = ("rho", "estimate", "std_error")
    ours, theirs = (np.array([row[name] for row in rows for name in names]) for rows in (form, other))
    return bool(np.allclose(ours, theirs, rtol=SAME, atol=0.0))


def _differenced(headline: Headline, weights: Weights, reading: Reading) -> list[dict[str, Any]]:
    try:
        panel, spec = differences(headline)
    except ShuyiError as error:
        return _refused(_blank(DIFFERENCED, "", "", ""), error)
    changed = Headline(panel, replace(spec, sample="", weights=""), headline.term)
    found = _together(changed, weights, [changed.specification])
    return _of_many(found, 0, spec.effects, spec.correction, DIFFERENCED, changed, reading)


def _model(headline: Headline, weights: Weights, **options: Any) -> Any:
    spec = headline.specification
    kind = MODELS[spec.model]
    durbin = spec.durbin if kind.terms.durbin else None
    return kind(
        headline.panel,
        weights,
        outcome=spec.outcome,
        regressors=spec.regressors,
        durbin=durbin,
        **options,
    )


def _correlated(headline: Headline, weights: Weights, reading: Reading) -> list[dict[str, Any]]:
    """Return the Mundlak form, whose likelihood has the information covariance alone."""
    about = _blank(CORRELATED, "correlated", "", "information")
    try:
        fit = _model(headline, weights, effects="correlated").fit(covariance="information")
        test = mundlak_wald(fit)
    except ShuyiError as error:
        return _refused(about, error)
    about |= _parameters(fit) | {"mundlak_p": test.p_value}
    return _of_fit(about, fit, headline.term, reading)


def _dynamic(
    headline: Headline,
    weights: Weights,
    pairs: Iterable[tuple[str, str]],
    reading: Reading,
    draws: int,
    seed: int,
) -> list[dict[str, Any]]:
    rows = []
    spec = headline.specification
    for dynamics, correction in pairs:
        about = _blank(DYNAMIC, spec.effects, correction, spec.covariance) | {"dynamics": dynamics}
        try:
            model = _model(headline, weights, effects=spec.effects, dynamic=dynamics)
            fit = model.fit(correction, spec.covariance, unstable="flag")
            found = stability(fit)
        except ShuyiError as error:
            rows += _refused(about, error)
            continue
        about |= _parameters(fit)
        about |= {"radius": found.spectral_radius, "unit_root_p": found.p_value}
        about["stable"] = "yes" if found.is_stable else "no"
        for horizon in HORIZONS if found.is_stable else HORIZONS[:1]:
            here = {**about, "horizon": horizon}
            rows += (
                _simulated(here, fit, headline.term, reading, draws, seed)
                if found.is_stable
                else _empty(here)
            )
    return rows


def _parameters(fit: Fit) -> dict[str, Any]:
    found: dict[str, Any] = {"n": fit.n, "T": fit.T, "covariance": fit.covariance_kind}
    for name in ("rho", *TIME_LAGS):
        if name in fit.names:
            found[name] = fit[name]
            found[f"{name}_std_error"] = float(fit.standard_errors[fit.position(name)])
    return found


def _of_fit(about: dict[str, Any], fit: Fit, term: str, reading: Reading) -> list[dict[str, Any]]:
    found = fit.effects(draws=0)
    k = found.terms.index(term)
    return _with_effects(about, found.estimate[k], found.std_error_delta[k], reading)


def _simulated(
    about: dict[str, Any], fit: Fit, term: str, reading: Reading, draws: int, seed: int
) -> list[dict[str, Any]]:
    found = fit.effects(draws, seed, reading.level, about["horizon"])
    k = found.terms.index(term)
    about = {**about, "share_redrawn": found.share_redrawn}
    rows = _with_effects(about, found.estimate[k], found.std_error_delta[k], reading)
    for row, (low, high) in zip(rows, found.interval[k], strict=True):
        row["ci_low"], row["ci_high"] = float(low), float(high)
    return rows


def _empty(about: dict[str, Any]) -> list[dict[str, Any]]:
    nothing = np.full(len(COMPONENTS), np.nan)
    return _with_effects(about, nothing, nothing, Reading(0.95, 0.8))


def _refused(about: dict[str, Any], error: ShuyiError) -> list[dict[str, Any]]:
    return _empty({**about, "reason": _one_line(str(error))})


def _one_line(reason: str) -> str:
    return " ".join(reason.split())
