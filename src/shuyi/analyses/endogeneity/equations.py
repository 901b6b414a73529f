"""The headline's equation with the term as endogenous: estimates, strength of instruments, valid sets.

The equations, by set of instruments Z: ``alone`` (no spatial lag of the term: the customary equation) and
``slx`` (the term and its spatial lag, instruments Z and W Z), from `spatialpanel.iv.weak.ReducedForm` under
the jackknife clustered by unit; with rho, ``s2sls`` and ``gmm`` (`spatialpanel.SpatialIV`, which adds W^2 Z
and the lags of the controls), clustered by unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.analyses.headline import Headline, told
from shuyi.errors import ShuyiError
from shuyi.panel import Panel
from shuyi.spatialpanel import SpatialIV
from shuyi.spatialpanel.iv.weak import ReducedForm, tf_critical
from shuyi.spatialpanel.least_squares import fit_fixed_effects
from shuyi.spatialpanel.sensitivity import benchmarks, plausibly_exogenous, sensitivity
from shuyi.spatialpanel.transforms import degrees_of_freedom, within

if TYPE_CHECKING:
    from numpy.typing import NDArray

ALONE, SLX, S2SLS, GMM, LEAST_SQUARES = "alone", "slx", "s2sls", "gmm", "least_squares"
EQUATIONS = (ALONE, SLX, S2SLS, GMM)
STRENGTH = 0.05
"""Level at which the rank test and the test of overidentification are read."""


@dataclass(frozen=True, eq=False)
class Parts:
    """Transformed columns of the equation.

    Parameters
    ----------
    y, x, wx : ndarray, shape (T, n)
        Outcome, term and its spatial lag.
    controls : ndarray, shape (T, n, k)
        Controls and their spatial lags.
    control_names : tuple of str, length k
        Names, lags with ``W_``.
    effects : str
        Fixed effects.
    """

    y: NDArray[np.float64]
    x: NDArray[np.float64]
    wx: NDArray[np.float64]
    controls: NDArray[np.float64]
    control_names: tuple[str, ...]
    effects: str

    @property
    def absorbed(self) -> int:
        """Rank that the effects take from the observations."""
        T, n = self.y.shape
        return T * n - degrees_of_freedom(self.effects, n, T)


def parts_of(headline: Headline, term: str) -> Parts:
    """Return the transformed columns of the headline's equation without the lag of the outcome.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The endogenous regressor.

    Returns
    -------
    Parts
        All controls with their lags where the specification lags them.
    """
    panel, spec = headline.panel, headline.specification
    others = [name for name in spec.regressors if name != term]
    lagged = [name for name in lagged_of(headline) if name != term]
    columns = [panel[name] for name in others]
    columns += [headline.weights.lag(panel[name]) for name in lagged]
    controls = np.stack(columns, axis=2) if columns else np.zeros((*panel[term].shape, 0))
    return Parts(
        within(panel[spec.outcome], spec.effects),
        within(panel[term], spec.effects),
        within(headline.weights.lag(panel[term]), spec.effects),
        within(controls, spec.effects),
        (*others, *(f"W_{name}" for name in lagged)),
        spec.effects,
    )


def lagged_of(headline: Headline) -> tuple[str, ...]:
    """Return the regressors whose spatial lags the headline has.

    Parameters
    ----------
    headline : Headline
        With its specification.

    Returns
    -------
    tuple of str
        Names.
    """
    spec = headline.specification
    if isinstance(spec.durbin, str):
        return spec.regressors if spec.durbin == "all" else ()
    return tuple(spec.durbin)


def reduced_forms(
    parts: Parts, headline: Headline, term: str, instruments: Mapping[str, NDArray]
) -> dict[str, ReducedForm]:
    """Return the reduced forms of the equations without the lag of the outcome.

    Parameters
    ----------
    parts : Parts
        Transformed columns.
    headline : Headline
        With its weights.
    term : str
        The endogenous regressor.
    instruments : mapping of str to ndarray, shape (T, n)
        Raw instruments by name.

    Returns
    -------
    dict of str to ReducedForm
        ``alone`` and ``slx``.
    """
    z = np.stack([within(v, parts.effects) for v in instruments.values()], axis=2)
    wz = np.stack([within(headline.weights.lag(v), parts.effects) for v in instruments.values()], axis=2)
    names = tuple(instruments)
    common: dict[str, Any] = {"absorbed": parts.absorbed}
    both = np.stack([parts.x, parts.wx], axis=2)
    return {
        ALONE: ReducedForm.of(parts.y, both[:, :, :1], z, parts.controls, names=((term,), names), **common),
        SLX: ReducedForm.of(
            *(parts.y, both, np.concatenate([z, wz], axis=2), parts.controls),
            names=((term, f"W_{term}"), (*names, *(f"W_{name}" for name in names))),
            **common,
        ),
    }


def estimates_rows(
    headline: Headline, term: str, forms: Mapping[str, ReducedForm], name: str
) -> list[dict[str, Any]]:
    """Return the estimates of the equations without the lag of the outcome.

    Parameters
    ----------
    headline : Headline
        With level and power.
    term : str
        The endogenous regressor.
    forms : mapping of str to ReducedForm
        By equation.
    name : str
        Set of instruments.

    Returns
    -------
    list of dict
        set, equation, term and what `headline.told` gives.
    """
    rows = []
    for equation, form in forms.items():
        b, cov = form.two_stage
        for j, variable in enumerate(form.endogenous):
            error = float(np.sqrt(cov[j, j]))
            found = told(float(b[j]), error, headline.panel.n, headline.level, headline.power)
            rows.append({"set": name, "equation": equation, "term": variable, **found})
    return rows


def least_squares_rows(headline: Headline, term: str) -> list[dict[str, Any]]:
    """Return the same coefficients by least squares, with and without the spatial lag of the term.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The regressor.

    Returns
    -------
    list of dict
        As `estimates_rows`, of the set ``least_squares``.
    """
    spec, panel = headline.specification, headline.panel
    lagged = {f"W_{v}": headline.weights.lag(panel[v]) for v in lagged_of(headline)}
    wide = panel.with_variables({f"lag_{k}": v for k, v in lagged.items()})
    own = f"lag_W_{term}"
    rows = []
    for equation, left_out in ((ALONE, {own}), (SLX, set())):
        names = [*spec.regressors, *(f"lag_{k}" for k in lagged if f"lag_{k}" not in left_out)]
        fit = fit_fixed_effects(
            wide, outcome=spec.outcome, regressors=names, effects=spec.effects, covariance="cluster_jackknife"
        )
        for variable, column in ((term, term), (f"W_{term}", own)):
            if column in fit.names:
                j = fit.names.index(column)
                error = float(np.sqrt(fit.covariance_matrix[j, j]))
                found = told(float(fit.values[j]), error, panel.n, headline.level, headline.power)
                rows.append({"set": LEAST_SQUARES, "equation": equation, "term": variable, **found})
    return rows


def spatial_rows(
    headline: Headline, term: str, instruments: Mapping[str, NDArray], name: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return estimates and tests of the equation with rho, by S2SLS and by two-step GMM.

    Parameters
    ----------
    headline : Headline
        Panel, weights and specification.
    term : str
        The endogenous regressor.
    instruments : mapping of str to ndarray, shape (T, n)
        Raw instruments by name.
    name : str
        Set of instruments.

    Returns
    -------
    (list of dict, list of dict)
        Estimates of the term, its lag, rho and the effects; first stages and Hansen's J. An estimator that
        refuses has one row with its reason.
    """
    spec = headline.specification
    panel = headline.panel.with_variables({f"instrument_{k}": v for k, v in instruments.items()})
    estimates: list[dict[str, Any]] = []
    tests: list[dict[str, Any]] = []
    for method in (S2SLS, GMM):
        about = {"set": name, "equation": method}
        try:
            model = SpatialIV(
                *(panel, headline.weights),
                outcome=spec.outcome,
                regressors=spec.regressors,
                endogenous=[term],
                instruments=[f"instrument_{k}" for k in instruments],
                durbin=lagged_of(headline),
                effects=spec.effects,
                lag_instruments=True,
            )
            fit = model.fit(method, "clustered")
            estimates += [{**about, **row} for row in _coefficients(fit, headline, term)]
            tests += [{**about, **row} for row in _diagnostics(fit)] if method == S2SLS else []
            estimates += [{**about, **row} for row in _effects(fit, headline, term)]
        except ShuyiError as error:
            tests.append({**about, "test": "refused", "term": "", "reason": " ".join(str(error).split())})
    return estimates, tests


def _coefficients(fit: Any, headline: Headline, term: str) -> Iterable[dict[str, Any]]:
    for variable in (term, f"W_{term}", "rho"):
        if variable in fit.names:
            j = fit.names.index(variable)
            error = float(np.sqrt(fit.covariance_matrix[j, j]))
            found = told(float(fit.values[j]), error, fit.n, headline.level, headline.power)
            yield {"term": variable, **found}


def _effects(fit: Any, headline: Headline, term: str) -> Iterable[dict[str, Any]]:
    frame = fit.effects(draws=0, level=headline.level).to_frame()
    for row in frame[frame["term"] == term].to_dict("records"):
        found = told(row["estimate"], row["std_error_delta"], fit.n, headline.level, headline.power)
        yield {"term": row["component"], **found}


def _diagnostics(fit: Any) -> Iterable[dict[str, Any]]:
    for record in fit.first_stage_records:
        yield {
            "test": "first_stage",
            "term": record["variable"],
            "statistic": record["f"],
            "df": record["df"],
            "p_value": record["p_value"],
        }
        yield {"test": "conditional_f", "term": record["variable"], "statistic": record["conditional_f"]}
    for record in fit.overidentification_records:
        if record["test"] == "Hansen J":
            yield {
                "test": "hansen",
                "term": "",
                "statistic": record["statistic"],
                "df": record["df"],
                "p_value": record["p_value"],
            }


def weak_rows(
    headline: Headline,
    forms: Mapping[str, ReducedForm],
    name: str,
    *,
    direct: Sequence[float],
    spreads: Sequence[float],
) -> list[dict[str, Any]]:
    """Return strength of instruments and sets that hold whatever their strength.

    Parameters
    ----------
    headline : Headline
        With the level.
    forms : mapping of str to ReducedForm
        By equation.
    name : str
        Set of instruments.
    direct : sequence of float
        Largest direct effects of one standard deviation of an instrument on the outcome.
    spreads : sequence of float
        Standard deviation of each instrument once the effects are removed.

    Returns
    -------
    list of dict
        set, equation, test, term, statistic, df, p_value, critical, low, high, shape.
    """
    rows: list[dict[str, Any]] = []
    for equation, form in forms.items():
        about = {"set": name, "equation": equation}
        strengths = zip(form.endogenous, form.first_stage_f(), form.effective_f(), strict=True)
        for variable, f, effective in strengths:
            rows.append({**about, "test": "first_stage", "term": variable, "statistic": f, "df": form.q})
            rows.append(
                {
                    **about,
                    "test": "effective_f",
                    "term": variable,
                    "statistic": effective.statistic,
                    "critical": effective.critical,
                }
            )
        rank = form.rank
        rows.append(
            {
                **about,
                "test": "rank",
                "term": "",
                "statistic": rank.statistic,
                "df": rank.df,
                "p_value": rank.p_value,
            }
        )
        rows.append(
            {
                **about,
                "test": "anderson_rubin",
                "term": "",
                "statistic": form.anderson_rubin([0.0] * form.m),
                "df": form.q,
                "p_value": form.anderson_rubin_p([0.0] * form.m),
            }
        )
        rows += [{**about, **row} for row in _sets(form, headline.level)]
        rows += [{**about, **row} for row in _exogeneity(form, headline.level, direct, spreads)]
    return rows


def _sets(form: ReducedForm, level: float) -> Iterable[dict[str, Any]]:
    for j, variable in enumerate(form.endogenous):
        found = form.confidence_set(np.eye(form.m)[j], level)
        for low, high in found.pieces or ((np.nan, np.nan),):
            yield {"test": "set", "term": variable, "low": low, "high": high, "shape": found.kind}
    if form.m == 1 and form.q == 1:
        critical = tf_critical(float(form.first_stage_f()[0]), level)
        b, cov = form.two_stage
        reach = critical * float(np.sqrt(cov[0, 0]))
        yield {
            "test": "tf",
            "term": form.endogenous[0],
            "critical": critical,
            "low": float(b[0]) - reach,
            "high": float(b[0]) + reach,
        }


def _exogeneity(
    form: ReducedForm, level: float, direct: Sequence[float], spreads: Sequence[float]
) -> Iterable[dict[str, Any]]:
    own = np.zeros(form.q)
    for size in direct:
        own[: len(spreads)] = size / np.asarray(spreads)
        for j, variable in enumerate(form.endogenous):
            low, high = plausibly_exogenous(form, j, own, level)
            yield {"test": "plausible", "term": variable, "critical": size, "low": low, "high": high}


def survives(tests: Sequence[Mapping[str, Any]], name: str) -> bool:
    """Return whether a set of instruments passes its own tests in the equation with the spatial lag.

    Parameters
    ----------
    tests : sequence of mapping
        Rows of `weak_rows` and `spatial_rows`.
    name : str
        Set of instruments.

    Returns
    -------
    bool
        True where the rank test rejects at 5 %, every effective F exceeds its critical value, and Hansen's J
        of the equation with rho, where there is one, does not reject at 5 %.
    """
    own = [row for row in tests if row["set"] == name]
    slx = [row for row in own if row["equation"] == SLX]
    rank = [row["p_value"] for row in slx if row["test"] == "rank"]
    strong = [row["statistic"] > row["critical"] for row in slx if row["test"] == "effective_f"]
    valid = [row["p_value"] >= STRENGTH for row in own if row["test"] == "hansen"]
    return bool(rank) and all(p < STRENGTH for p in rank) and all(strong) and all(valid)


def sensitivity_rows(parts: Parts, term: str, compared: Sequence[str]) -> list[dict[str, Any]]:
    """Return the sensitivity of least squares without the lag of the outcome to omitted variables.

    Parameters
    ----------
    parts : Parts
        Transformed columns.
    term : str
        The regressor of interest.
    compared : sequence of str
        Controls that an omitted variable is compared with; those that the equation lacks are left out.

    Returns
    -------
    list of dict
        One row for the term and one for its spatial lag: the fields of `Sensitivity`, and by control the
        bound of an omitted variable as strong.
    """
    rows = []
    for variable, focal, other in (
        (term, parts.x, (f"W_{term}", parts.wx)),
        (f"W_{term}", parts.wx, (term, parts.x)),
    ):
        controls = np.concatenate([parts.controls, other[1][:, :, None]], axis=2)
        names = (*parts.control_names, other[0])
        found = sensitivity(parts.y, focal, controls, absorbed=parts.absorbed)._asdict()
        bounds = benchmarks(parts.y, focal, controls, names, absorbed=parts.absorbed)
        for name in (c for c in compared if c in bounds):
            found |= {f"{name}_{key}": value for key, value in bounds[name]._asdict().items()}
        rows.append({"term": variable, **found})
    return rows


def usable(panel: Panel, instruments: Mapping[str, NDArray]) -> list[Any]:
    """Return the periods in which every instrument has values.

    Parameters
    ----------
    panel : Panel
        Of the sample.
    instruments : mapping of str to ndarray, shape (T, n)
        Raw instruments.

    Returns
    -------
    list
        Periods, a tail of the panel's.
    """
    missing = max((int((~np.isfinite(v)).any(axis=1).sum()) for v in instruments.values()), default=0)
    return list(panel.periods[missing:])
