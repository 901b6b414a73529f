"""Effects of one term under every variant of the headline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from shuyi.analyses.estimation.influence import HEADLINE, for_many
from shuyi.analyses.estimation.rows import Reading, effect_rows
from shuyi.analyses.robustness.variants import Material, change
from shuyi.errors import ShuyiError
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many import fit_many
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.panel import Panel
    from shuyi.spatialpanel import Specification
    from shuyi.spatialpanel.many import ManyFits
    from shuyi.weights import Weights

WITHOUT, USUAL = "without_influential", "information"
"""The row of the influential unit; the covariance whose errors papers usually print."""


def compared(
    material: Material, weights: Weights, variants: Mapping[str, Mapping[str, Any]], influential: str
) -> tuple[list[str], list[Panel], list[Specification], dict[str, str]]:
    """Return the headline and its variants, ready to be estimated.

    Parameters
    ----------
    material : Material
        The headline and its data.
    weights : Weights
        Of the headline.
    variants : mapping of str to mapping
        As the configuration gives them.
    influential : str
        The unit that one row leaves out; empty for no such row.

    Returns
    -------
    tuple
        Ids, panels, specifications, and by variant the reason why it is missing.
    """
    spec = material.specification
    made = {HEADLINE: (material.panel, spec)}
    if influential:
        rest = [unit for unit in material.panel.units if unit != influential]
        made[WITHOUT] = (material.panel.select(units=rest), spec)
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
        The unit that one row leaves out; empty for no such row.
    level : float
        Confidence level of the intervals.
    power : float
        Power at which an effect counts as detectable.

    Returns
    -------
    DataFrame
        variant, unit (left out), rho, n, T, reason (why a variant has no numbers), component, estimate,
        std_error, ci_low, ci_high, p_value, df, detectable, std_error_information, spread (standard
        deviation of the term once effects are removed).
    """
    import pandas as pd

    names, panels, specs, reasons = compared(material, weights, variants, influential)
    own, usual = (_fitted(names, panels, specs, weights, kind) for kind in (None, USUAL))
    reading = Reading(level, power)
    estimate, error = own.effect(material.term)
    information = usual.effect(material.term)[1]
    rows: list[dict[str, Any]] = []
    for i, name in enumerate(names):
        about = {"variant": name, "unit": influential if name == WITHOUT else ""}
        about |= {"rho": own.rho[i], "n": own.n[i], "T": own.T[i], "reason": _one_line(own.reasons[i])}
        spread = _spread(panels[i][material.term], specs[i].effects)
        rows += [
            {**about, **row, "std_error_information": float(information[i, j]), "spread": spread}
            for j, row in enumerate(effect_rows(estimate[i], error[i], int(own.n[i]), reading))
        ]
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
        replace(for_many(spec), id=name, sample=name, covariance=covariance or spec.covariance)
        for name, spec in zip(names, specs, strict=True)
    ]
    return fit_many(dict(zip(names, panels, strict=True)), {specs[0].weights: weights}, ready)


def _spread(values: NDArray, effects: str) -> float:
    left = within(values, effects) if effects in ("individual", "time", "twoways") else values
    return float(left.std())


def _one_line(reason: str) -> str:
    return " ".join(reason.split())
