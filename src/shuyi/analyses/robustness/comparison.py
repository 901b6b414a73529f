"""Effects of one term under every variant of the headline, and without each unit in turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.robustness.variants import Material, change
from shuyi.errors import ShuyiError
from shuyi.spatialpanel.effects import COMPONENTS, p_value, reference_quantile
from shuyi.spatialpanel.many import fit_many
from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.spatialpanel import Specification
    from shuyi.spatialpanel.many import ManyFits
    from shuyi.weights import Weights

HEADLINE, WITHOUT, USUAL = "headline", "without_influential", "information"
"""Rows that every comparison has; the covariance whose errors papers usually print."""


@dataclass(frozen=True, eq=False)
class WithoutEach:
    """Effects of one term without each unit in turn.

    Parameters
    ----------
    units : tuple of str
        The units left out.
    estimate, std_error : ndarray, shape (n, 3)
        Direct, indirect and total effects without each unit.
    whole : ndarray, shape (3,)
        Effects with all units.
    share : ndarray, shape (n,)
        Share of each unit in the variation of the term that is left once the effects are removed.
    """

    units: tuple[str, ...]
    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    whole: NDArray[np.float64]
    share: NDArray[np.float64]

    @property
    def influential(self) -> int:
        """Position of the unit without which the direct effect moves farthest."""
        return int(np.nanargmax(np.abs(self.estimate[:, 0] - self.whole[0])))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit: share, and estimate and error of each component without it."""
        import pandas as pd

        columns: dict[str, Any] = {"unit": list(self.units), "share": self.share}
        for j, component in enumerate(COMPONENTS):
            columns[component] = self.estimate[:, j]
            columns[f"{component}_std_error"] = self.std_error[:, j]
        return pd.DataFrame(columns)


def without_each(panel: Panel, weights: Weights, specification: Specification, term: str) -> WithoutEach:
    """Estimate a specification without each unit in turn.

    Parameters
    ----------
    panel : Panel
        Cut to the sample of the specification.
    weights : Weights
        Of at least the panel's units; cut and normalised anew.
    specification : Specification
        What is estimated.
    term : str
        The regressor whose effects are wanted.

    Returns
    -------
    WithoutEach
        NaN where a sample does not identify the model.
    """
    spec = _for_many(specification)
    samples = {f"without_{u}": panel.select(units=[v for v in panel.units if v != u]) for u in panel.units}
    specs = [replace(spec, id=name, sample=name) for name in samples]
    whole = replace(spec, id=HEADLINE, sample=HEADLINE)
    found = fit_many({HEADLINE: panel, **samples}, {spec.weights: weights}, [whole, *specs])
    estimate, error = found.effect(term)
    return WithoutEach(
        panel.units, estimate[1:], error[1:], estimate[0], variation_shares(panel[term], spec.effects)
    )


def variation_shares(values: NDArray, effects: str) -> NDArray[np.float64]:
    """Return each unit's share of the variation that is left once effects are removed, shape (n,)."""
    left = within(values, effects) if effects in ("individual", "time", "twoways") else values - values.mean()
    squares = (left**2).sum(axis=0)
    return squares / squares.sum()


def compared(
    material: Material, weights: Weights, variants: Mapping[str, Mapping[str, Any]], influential: str
) -> tuple[list[str], list[Panel], list[Specification], dict[str, str]]:
    """Return ids, panels and specifications of the headline and its variants, and why others are missing.

    Parameters
    ----------
    material : Material
        The headline and its data.
    weights : Weights
        Of the headline.
    variants : mapping of str to mapping
        As the configuration gives them.
    influential : str
        The unit that one row leaves out.
    """
    rest = [unit for unit in material.panel.units if unit != influential]
    spec = material.specification
    made = {HEADLINE: (material.panel, spec), WITHOUT: (material.panel.select(units=rest), spec)}
    reasons: dict[str, str] = {}
    for name, entry in variants.items():
        try:
            made[name] = change(material, entry)
        except ShuyiError as error:
            reasons[name] = " ".join(str(error).split())
    return list(made), [p for p, _ in made.values()], [s for _, s in made.values()], reasons


def comparison_frame(
    material: Material,
    weights: Weights,
    variants: Mapping[str, Mapping[str, Any]],
    influential: str,
    *,
    level: float,
    power: float,
) -> pd.DataFrame:
    """Return the effects of the term under the headline and every variant.

    Parameters
    ----------
    material : Material
        The headline and its data.
    weights : Weights
        Of the headline.
    variants : mapping of str to mapping
        As the configuration gives them.
    influential : str
        The unit that one row leaves out.
    level : float
        Confidence level of the intervals.
    power : float
        Power at which an effect counts as detectable.

    Returns
    -------
    DataFrame
        variant, unit (left out), component, estimate, std_error, std_error_information, ci_low, ci_high,
        p_value, df, detectable, per_sd (estimate times the standard deviation of the term once effects are
        removed), rho, n, T, reason (why a variant has no numbers).
    """
    import pandas as pd

    names, panels, specs, reasons = compared(material, weights, variants, influential)
    own, usual = (_fitted(names, panels, specs, weights, kind) for kind in (None, USUAL))
    estimate, error = own.effect(material.term)
    information = usual.effect(material.term)[1]
    rows: list[dict[str, Any]] = []
    for i, name in enumerate(names):
        df = float(own.n[i] - 1)
        spread = _spread(panels[i][material.term], specs[i].effects)
        about = {"variant": name, "unit": influential if name == WITHOUT else "", "df": df}
        about |= {"rho": own.rho[i], "n": own.n[i], "T": own.T[i], "reason": _one_line(own.reasons[i])}
        for j, component in enumerate(COMPONENTS):
            value, se = float(estimate[i, j]), float(error[i, j])
            reach = reference_quantile(level, df)[0] * se
            rows.append(
                {
                    **about,
                    "component": component,
                    "estimate": value,
                    "std_error": se,
                    "std_error_information": float(information[i, j]),
                    "ci_low": value - reach,
                    "ci_high": value + reach,
                    "p_value": p_value(value / se, df) if se > 0 else float("nan"),
                    "detectable": detectable_from_error(se, int(own.n[i]), power=power, level=1 - level),
                    "per_sd": value * spread,
                }
            )
    missing = [
        {"variant": name, "unit": "", "component": component, "reason": reason}
        for name, reason in reasons.items()
        for component in COMPONENTS
    ]
    return pd.DataFrame([*rows, *missing])


def _fitted(
    names: Sequence[str],
    panels: Sequence[Panel],
    specs: Sequence[Specification],
    weights: Weights,
    covariance: str | None,
) -> ManyFits:
    ready = [
        replace(_for_many(spec), id=name, sample=name, covariance=covariance or spec.covariance)
        for name, spec in zip(names, specs, strict=True)
    ]
    return fit_many(dict(zip(names, panels, strict=True)), {specs[0].weights: weights}, ready)


def _for_many(specification: Specification) -> Specification:
    """Return a specification as the estimators of `shuyi.spatialpanel` take it, least squares included."""
    return replace(specification, correction="exact") if specification.model == "ols" else specification


def _spread(values: NDArray, effects: str) -> float:
    left = within(values, effects) if effects in ("individual", "time", "twoways") else values
    return float(left.std())


def _one_line(reason: str) -> str:
    return " ".join(reason.split())
