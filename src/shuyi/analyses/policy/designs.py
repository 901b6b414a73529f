"""What each policy design can tell: counts, estimates, p-values and smallest detectable effects."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.policy.register import sample_of, treatment_of
from shuyi.errors import IdentificationError
from shuyi.panel import Panel
from shuyi.spatialpanel import OLS, SDEM, SDM, SLX
from shuyi.spatialpanel.effects import p_value
from shuyi.spatialpanel.treatment import (
    DesignError,
    Treatment,
    actual_effects,
    assignments,
    event_study,
    permutation_test,
)

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.weights import Weights

MODELS = {"slx": SLX, "ols": OLS, "sdem": SDEM, "sdm": SDM}
"""Models of the policy design: local spillovers, none, and two for comparison."""
MAIN = "slx"
TERM = "policy"
COMPONENTS = ("direct", "exposure", "treated", "exposed")
"""Coefficients of treatment and exposure, and the effects of the actual treatment on two groups of units."""
FEW_CLEAN = 5
"""Untreated units without a treated neighbour below which spillovers rest on few units."""
NO_TEST = dict.fromkeys(("permutation_p", "within_p", "detectable"))
COUNTS = ("treated", "never", "exposed", "clean")


def effects_frame(
    panel: Panel,
    rows: Sequence[Mapping[str, str]],
    weights: Weights,
    design: Mapping[str, Any],
    variants: Mapping[str, Mapping[str, Any]],
    *,
    outcome: str,
    strata: Sequence[str],
    level: float,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return the effects of the headline design by model and, under the main model, by variant.

    Parameters
    ----------
    panel : Panel
        Long panel of all units.
    rows : sequence of mapping
        The register.
    weights : Weights
        Of the exposure.
    design : mapping
        The headline design.
    variants : mapping of str to mapping
        What is changed of it: coding, grades, without, outcome, drop, trend.
    outcome : str
        Outcome of the headline.
    strata : sequence of str, length n
        Group of each unit, within which paths are re-assigned the second time.
    level : float
        Confidence level.
    draws, seed : int
        Of the re-assigned paths.

    Returns
    -------
    DataFrame
        One row per variant, model and component: estimate, std_error, ci_low, ci_high, p_value,
        permutation_p, within_p, detectable, n, T.
    """
    import pandas as pd

    found = []
    for model in MODELS:
        case = _changed(panel, rows, weights, design, outcome, strata, {})
        found += [{"variant": "headline", **row} for row in case.effects(model, level, draws, seed)]
    for name, change in variants.items():
        case = _changed(panel, rows, weights, design, outcome, strata, change)
        found += [{"variant": name, **row} for row in case.effects(MAIN, level, draws, seed)]
    return pd.DataFrame(found)


class _Case:
    """One design on one panel."""

    def __init__(
        self,
        panel: Panel,
        rows: Sequence[Mapping[str, str]],
        weights: Weights,
        design: Mapping[str, Any],
        outcome: str,
        strata: Sequence[str],
        trend: NDArray | None = None,
    ) -> None:
        self.treatment: Treatment = treatment_of(rows, design, panel)
        self.weights, self.strata = weights.subset(panel.units), list(strata)
        self.y = panel[outcome]
        self.trend = trend
        columns = [self.y, self.treatment.paths, *([] if trend is None else [trend])]
        names = ["y", TERM, *([] if trend is None else ["trend"])]
        self.panel = Panel(np.stack(columns, axis=-1), panel.units, panel.periods, tuple(names))

    def effects(self, model: str, level: float, draws: int, seed: int) -> list[dict[str, Any]]:
        fit = self.fit(model)
        actual = actual_effects(fit, self.treatment, TERM, self.weights)
        tests = self.tests(model, draws, seed)
        rows = []
        for component, name in (("direct", TERM), ("exposure", f"W_{TERM}")):
            if name in fit.names:
                place = fit.names.index(name)
                b, s = float(fit.values[place]), float(fit.standard_errors[place])
                low, high = fit.conf_int(level).loc[name]
                rows.append(self._row(model, component, b, s, low, high, p_value(b / s, fit.df_reference)))
        bounds = actual.interval(level)
        for k, component in enumerate(COMPONENTS[2:]):
            b, s = actual.estimate[k], actual.std_error[k]
            if s > 0:
                rows.append(self._row(model, component, b, s, *bounds[k], actual.p_values[k]))
        for row in rows:
            row.update(tests.get(row["component"], NO_TEST))
        return rows

    def _row(self, model: str, component: str, *values: float) -> dict[str, Any]:
        names = ("estimate", "std_error", "ci_low", "ci_high", "p_value")
        found = dict(zip(names, map(float, values), strict=True))
        return {"model": model, "component": component, **found, "n": self.panel.n, "T": self.panel.T}

    def fit(self, model: str) -> Any:
        regressors = [name for name in self.panel.variables if name != "y"]
        options: dict[str, Any] = {"outcome": "y", "regressors": regressors, "effects": "twoways"}
        if model == "ols":
            return OLS(self.panel, **options).fit("lee_yu", "cluster_jackknife")
        return MODELS[model](self.panel, self.weights, durbin=[TERM], **options).fit(
            "lee_yu", "cluster_jackknife"
        )

    def tests(self, model: str, draws: int, seed: int) -> dict[str, dict[str, float]]:
        """Return p-values by re-assigned paths of the models that least squares estimates."""
        if model not in (MAIN, "ols"):
            return {}
        weights = self.weights if model == MAIN else None
        controls = None if self.trend is None else self.trend[..., None]
        free = assignments(self.treatment, draws=draws, seed=seed)
        test = permutation_test(self.y, self.treatment, free, weights=weights, controls=controls)
        within = self._within(draws, seed, weights, controls)
        return {
            name: {
                "permutation_p": float(test.p_value[k]),
                "within_p": float(within[k]),
                "detectable": float(test.detectable[k]),
            }
            for k, name in enumerate(COMPONENTS[: len(test.estimate)])
        }

    def _within(self, draws: int, seed: int, weights: Any, controls: Any) -> NDArray[np.float64]:
        try:
            moved = assignments(self.treatment, draws=draws, seed=seed, strata=self.strata)
        except IdentificationError:
            return np.full(2, np.nan)
        return permutation_test(self.y, self.treatment, moved, weights=weights, controls=controls).p_value


def _changed(
    panel: Panel,
    rows: Sequence[Mapping[str, str]],
    weights: Weights,
    design: Mapping[str, Any],
    outcome: str,
    strata: Sequence[str],
    change: Mapping[str, Any],
) -> _Case:
    """Return the headline design with one thing changed."""
    cut = sample_of(sample_of(panel, design), change)
    groups = [group for unit, group in zip(panel.units, strata, strict=True) if unit in cut.units]
    y = change.get("outcome", outcome)
    trend = None
    if change.get("trend") == "initial_level":
        level = cut[y][0]
        trend = np.arange(cut.T)[:, None] * (level - level.mean())[None, :]
    own = {key: change[key] for key in ("coding", "grades", "without") if key in change}
    return _Case(cut, rows, weights, {**design, **own}, y, groups, trend)


def events_frames(
    panel: Panel,
    rows: Sequence[Mapping[str, str]],
    weights: Weights,
    design: Mapping[str, Any],
    *,
    outcome: str,
    level: float,
    draws: int,
    seed: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return effects by period, and the test of what was before with its power.

    Parameters
    ----------
    panel : Panel
        Long panel of all units.
    rows : sequence of mapping
        The register.
    weights : Weights
        Of the exposure.
    design : mapping
        The headline design.
    outcome : str
        Its outcome.
    level : float
        Confidence level.
    draws, seed : int
        Of the re-assigned paths.

    Returns
    -------
    tuple of DataFrame
        See `treatment.EventStudy.to_frame`; and one row per term: p_value, trend, bias, draws.
    """
    import pandas as pd

    panel = sample_of(panel, design)
    treatment = treatment_of(rows, design, panel)
    own = weights.subset(panel.units)
    treatment.check_separable(own)
    study = event_study(
        panel[outcome], treatment, assignments(treatment, draws=draws, seed=seed), weights=own
    )
    events = study.to_frame(level)
    before = pd.DataFrame(
        {
            "term": events["term"].unique(),
            "p_value": study.before_p,
            "trend": study.trend,
            "bias": study.bias,
            "draws": study.draws,
        }
    )
    return events, before


def units_frame(
    panel: Panel, rows: Sequence[Mapping[str, str]], weights: Weights, design: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the group of each unit under a design.

    Parameters
    ----------
    panel : Panel
        Long panel of all units.
    rows : sequence of mapping
        The register.
    weights : Weights
        Of the exposure.
    design : mapping
        The design.

    Returns
    -------
    DataFrame
        unit, group (treated, exposed or clean) and start, empty where there is none.
    """
    import pandas as pd

    panel = sample_of(panel, design)
    treatment, own = treatment_of(rows, design, panel), weights.subset(panel.units)
    exposed = treatment.exposed(own)
    found = [
        (unit, "treated" if unit in treatment.treated else "exposed" if unit in exposed else "clean")
        for unit in panel.units
    ]
    starts = [treatment.starts.get(unit) for unit in panel.units]
    return pd.DataFrame(found, columns=["unit", "group"]).assign(start=pd.array(starts, dtype="Int64"))


def designs_frame(
    panel: Panel,
    rows: Sequence[Mapping[str, str]],
    weights: Weights,
    designs: Mapping[str, Mapping[str, Any]],
    *,
    outcome: str,
    draws: int,
    seed: int,
) -> pd.DataFrame:
    """Return one row per design: who is treated and what can be estimated.

    Parameters
    ----------
    panel : Panel
        Long panel of all units.
    rows : sequence of mapping
        The register.
    weights : Weights
        Of the exposure.
    designs : mapping of str to mapping
        Designs by name.
    outcome : str
        Outcome of all.
    draws, seed : int
        Of the re-assigned paths.

    Returns
    -------
    DataFrame
        design, treated, never, exposed, clean, first, last, before, after; estimate, std_error and
        permutation_p of the two-way estimate without spillovers, and the smallest effect it detects; imputed
        and imputed_error for designs with several cohorts; exposure_detectable; refused and separate, the
        reasons why the effect, or spillovers, cannot be estimated (empty where they can).
    """
    import pandas as pd

    found = [
        {"design": name, **_design_row(sample_of(panel, design), rows, weights, design, outcome, draws, seed)}
        for name, design in designs.items()
    ]
    return pd.DataFrame(found)


def _design_row(
    panel: Panel,
    rows: Sequence[Mapping[str, str]],
    weights: Weights,
    design: Mapping[str, Any],
    outcome: str,
    draws: int,
    seed: int,
) -> dict[str, Any]:
    try:
        treatment = treatment_of(rows, design, panel)
    except DesignError as error:
        return {"refused": error.reason, "separate": ""}
    weights = weights.subset(panel.units)
    groups = (treatment.treated, treatment.never, treatment.exposed(weights), treatment.clean(weights))
    row: dict[str, Any] = dict(zip(COUNTS, map(len, groups), strict=True))
    first, last = treatment.cohorts[0], treatment.cohorts[-1]
    row |= {"first": first, "last": last, "refused": "", "separate": ""}
    row |= {"before": first - treatment.periods[0], "after": treatment.periods[-1] - last + 1}
    fit = OLS(
        Panel(np.stack([panel[outcome], treatment.paths], axis=-1), panel.units, panel.periods, ("y", TERM)),
        outcome="y",
        regressors=[TERM],
        effects="twoways",
    ).fit("lee_yu", "cluster_jackknife")
    moved = assignments(treatment, draws=draws, seed=seed)
    test = permutation_test(panel[outcome], treatment, moved)
    row |= {"estimate": float(fit.values[0]), "std_error": float(fit.standard_errors[0])}
    row |= {"permutation_p": float(test.p_value[0]), "detectable": float(test.detectable[0])}
    if len(treatment.cohorts) > 1:
        row["imputed"], row["imputed_error"] = imputation_estimate(panel[outcome], treatment)
    try:
        treatment.check_separable(weights)
    except DesignError as error:
        return row | {"separate": error.reason}
    row["separate"] = "few_clean" if row["clean"] < FEW_CLEAN else ""
    both = permutation_test(panel[outcome], treatment, moved, weights=weights)
    return row | {"exposure_detectable": float(both.detectable[1])}


def imputation_estimate(outcome: NDArray[np.float64], treatment: Treatment) -> tuple[float, float]:
    """Return the average effect on the treated for staggered treatments, by imputation (diff-diff).

    Unit and period effects are estimated from untreated cells alone, so that units treated earlier are no
    controls of those treated later (Borusyak, Jaravel and Spiess 2024).

    Parameters
    ----------
    outcome : ndarray, shape (T, n)
        In the order of the treatment's periods and units.
    treatment : Treatment
        What took place.

    Returns
    -------
    tuple of float
        Estimate, and its conservative error clustered by unit.
    """
    import pandas as pd
    from diff_diff import ImputationDiD

    T, n = outcome.shape
    first = [treatment.starts.get(u, 0) if u in treatment.treated else 0 for u in treatment.units]
    table = pd.DataFrame(
        {
            "unit": np.tile(np.arange(n), T),
            "time": np.repeat(treatment.periods, n),
            "y": outcome.ravel(),
            "first": np.tile(first, T),
        }
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = ImputationDiD(cluster="unit").fit(table, "y", "unit", "time", "first")
    return float(found.overall_att), float(found.overall_se)
