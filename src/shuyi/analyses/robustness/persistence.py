"""How persistent outcome, term and residuals are, and what that says of an estimate in levels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from shuyi.analyses.robustness.variants import Material, differences
from shuyi.spatialpanel import fit
from shuyi.spatialpanel.diagnostics.autocorrelation import residual_autocorrelation
from shuyi.spatialpanel.diagnostics.unitroot_short import ALTERNATIVES, unit_root_results
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel import Fit
    from shuyi.weights import Weights

OUTCOME, TERM, RESIDUALS, DIFFERENCES = "outcome", "term", "residuals", "residuals_of_differences"
WITH_UNITS = ("individual", "twoways")


def persistence_frame(material: Material, weights: Weights, *, draws: int, seed: int) -> pd.DataFrame:
    """Return the autocorrelation of outcome, term and residuals, and their unit-root tests.

    Parameters
    ----------
    material : Material
        The headline and its data.
    weights : Weights
        Of the headline, for at least its units.
    draws, seed : int
        Of the simulated distributions of the unit-root tests.

    Returns
    -------
    DataFrame
        One row per series: series, variable, the fields of
        `spatialpanel.diagnostics.autocorrelation.ResidualAutocorrelation`, and of the series in levels the
        statistics, p-values and power of `spatialpanel.diagnostics.unitroot_short`.
    """
    import pandas as pd

    own = weights.subset(material.panel.units)
    levels = fit(material.panel, own, material.specification)
    changed, specification = differences(material)
    first = fit(changed, own, specification)
    effects = material.specification.effects
    structure = effects if effects in WITH_UNITS else "individual"
    series = {
        OUTCOME: material.panel[material.specification.outcome],
        TERM: material.panel[material.term],
        RESIDUALS: _residuals(levels),
    }
    roots = {r.variable: r for r in unit_root_results(series, effects=structure, draws=draws, seed=seed)}
    names = {OUTCOME: material.specification.outcome, TERM: material.term}
    rows = [
        {
            "series": name,
            "variable": names.get(name, ""),
            **_correlated(levels if name == RESIDUALS else within(values, structure), structure),
            **_root(roots[name]),
        }
        for name, values in series.items()
    ]
    rows.append({"series": DIFFERENCES, "variable": "", **_correlated(first, "")})
    return pd.DataFrame(rows)


def _residuals(fitted: Fit) -> NDArray:
    assert fitted.residual_values is not None
    return fitted.residual_values


def _correlated(values: Fit | NDArray, effects: str) -> dict[str, Any]:
    from shuyi.spatialpanel import Fit

    if isinstance(values, Fit):
        return asdict(residual_autocorrelation(values))
    return asdict(residual_autocorrelation(values, effects=effects))


def _root(result: Any) -> dict[str, float]:
    found: Mapping[str, Any] = {
        "slope": result.slope,
        "slope_unit_root": result.slope_unit_root,
        "harris_tzavalis": result.harris_tzavalis,
        "harris_tzavalis_p": result.harris_tzavalis_p,
        "cips": result.cips,
        "cips_p": result.cips_p,
    }
    powers = {
        f"power_{100 * a:.0f}": p for a, p in zip(ALTERNATIVES, result.power_harris_tzavalis, strict=True)
    }
    return {**found, **powers, "root_verdict": result.verdict, "draws": result.draws}
