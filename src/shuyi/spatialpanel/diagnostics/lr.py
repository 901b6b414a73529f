"""Likelihood-ratio and Wald tests: simplification of the spatial Durbin model, and of any nested pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, ConvergenceError, offenders
from shuyi.spatialpanel.design import INTERCEPT
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, quadratic_form
from shuyi.spatialpanel.transforms import FIXED_EFFECTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit


LR = "Elhorst (2014, chapter 2)"
COMMON_FACTOR = "Burridge (1981); Elhorst (2014, chapter 2): th + rho b = 0"
WALD = "Wald (1943); non-linear restrictions by the delta method"

UNCONVERGED = 1e-6
"""Largest shortfall of a general model's log-likelihood that counts as rounding."""

COMPARED = ("outcome", "units", "periods", "effects_structure", "convention", "n_effective")

HYPOTHESES = {
    ("sar", "sdm"): "th_zero",
    ("sem", "sdm"): "common_factor",
    ("slx", "sdm"): "rho_zero",
    ("ols", "sar"): "rho_zero",
    ("ols", "sem"): "lam_zero",
    ("ols", "slx"): "th_zero",
    ("sem", "sdem"): "th_zero",
    ("slx", "sdem"): "lam_zero",
    ("sar", "sac"): "lam_zero",
    ("sem", "sac"): "rho_zero",
    ("sdm", "gns"): "lam_zero",
    ("sdem", "gns"): "rho_zero",
    ("sac", "gns"): "th_zero",
}
"""Key of the null by (restricted, general) model; other pairs are named after the two models."""


def likelihood_ratio(restricted: Fit, general: Fit) -> TestResult:
    """Return the likelihood-ratio test of a model against one that nests it.

    ``LR = 2 (l_general - l_restricted)``, chi-squared with the difference in the number of parameters. SEM is
    nested in SDM by the common factor ``th + rho b = 0``.

    Parameters
    ----------
    restricted, general : Fit
        Of the same data, weights, effects and convention, by maximum likelihood.

    Returns
    -------
    TestResult
        Chi-squared; small p-values speak against the restricted model.

    Raises
    ------
    ConfigError
        If the two fits are not of the same data, effects or convention, the convention is not a maximum of a
        likelihood, or the models are not nested.
    ConvergenceError
        If the general model has the smaller log-likelihood.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, SDM
    >>> from shuyi.spatialpanel.diagnostics import likelihood_ratio
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> sar, sdm = (model(panel, weights, outcome="y", regressors=["x1"]).fit() for model in (SAR, SDM))
    >>> test = likelihood_ratio(sar, sdm)
    >>> test.test, test.df
    ('lr_sar', 1)
    """
    _check_comparable(restricted, general)
    _check_nested(restricted, general)
    statistic = 2 * (general.loglik - restricted.loglik)
    if statistic < -2 * UNCONVERGED:
        raise ConvergenceError(
            "The general model has a smaller log-likelihood than the model it nests.",
            expected=f"{general.model} at least {restricted.loglik:.6f}",
            found=f"{general.loglik:.6f}",
            remedy="one of the two searches ended in a local maximum: compare with other starting weights",
        )
    pair = (restricted.model, general.model)
    hypothesis = HYPOTHESES.get(pair, f"{restricted.model}_in_{general.model}")
    return chi_squared(
        f"lr_{restricted.model}",
        hypothesis,
        max(statistic, 0.0),
        general.n_parameters - restricted.n_parameters,
        note=f"convention: {general.convention}",
        reference=COMMON_FACTOR if pair == ("sem", "sdm") else LR,
        spec=general.effects_structure,
    )


def wald(
    fit: Fit,
    restrictions: NDArray[np.float64],
    jacobian: NDArray[np.float64],
    *,
    test: str = "wald",
    hypothesis: str = "restrictions",
    reference: str = WALD,
) -> TestResult:
    """Return the Wald test that q functions of the parameters are zero, with delta-method covariance.

    ``g' (D V D')^{-1} g``, chi-squared with q degrees of freedom, V the covariance of the fit.

    Parameters
    ----------
    fit : Fit
        Estimates and their covariance.
    restrictions : ndarray, shape (q,)
        The functions at the estimate.
    jacobian : ndarray, shape (q, p)
        Their derivatives by the parameters, in the order of ``fit.names``.
    test, hypothesis, reference : str
        Key of the test ("wald" by default), key of the null ("restrictions") and source of the statistic, as
        the result shows them.

    Returns
    -------
    TestResult
        Chi-squared with q degrees of freedom.

    Raises
    ------
    IdentificationError
        If the covariance of the restrictions is singular.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel import SAR
    >>> from shuyi.spatialpanel.diagnostics import wald
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SAR(panel, weights, outcome="y", regressors=["x1"]).fit()
    >>> fit.names
    ('x1', 'rho', 'sigma2')
    >>> restrictions = np.array([fit["x1"] - 1.0])
    >>> wald(fit, restrictions, np.array([[1.0, 0.0, 0.0]])).df
    1
    """
    covariance = jacobian @ fit.covariance_matrix @ jacobian.T
    statistic = quadratic_form(restrictions, covariance, "The Wald test")
    return chi_squared(
        test,
        hypothesis,
        statistic,
        len(restrictions),
        note=f"covariance: {fit.covariance_kind}; convention: {fit.convention}",
        reference=reference,
        spec=fit.effects_structure,
    )


def wald_zero(fit: Fit, names: Sequence[str], *, test: str = "wald", hypothesis: str = "zero") -> TestResult:
    """Return the Wald test that the named parameters are jointly zero.

    Parameters
    ----------
    fit : Fit
        Estimates and their covariance.
    names : sequence of str
        From ``fit.names``.
    test, hypothesis : str
        Keys of the test ("wald" by default) and of its null hypothesis ("zero").

    Returns
    -------
    TestResult
        Chi-squared with one degree of freedom per name.

    Raises
    ------
    ConfigError
        If the fit has no such parameter.
    IdentificationError
        If the covariance of the parameters is singular.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.diagnostics import wald_zero
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SDM(panel, weights, outcome="y", regressors=["x1"]).fit()
    >>> wald_zero(fit, ["rho", "W_x1"]).df
    2
    """
    unknown = [name for name in names if name not in fit.names]
    if unknown or not names:
        raise ConfigError(
            "The model lacks parameters that are to be tested.",
            expected=f"one or more of {offenders(fit.names, 20)}",
            found=offenders(unknown) or "none named",
        )
    selection = np.eye(len(fit.names))[[fit.names.index(name) for name in names]]
    return wald(fit, selection @ fit.values, selection, test=test, hypothesis=hypothesis)


def wald_sar(fit: Fit) -> TestResult:
    """Return the Wald test of SDM against SAR: all ``th = 0``.

    Parameters
    ----------
    fit : Fit
        Fit of SDM.

    Returns
    -------
    TestResult
        Chi-squared with one degree of freedom per spatial lag.

    Raises
    ------
    ConfigError
        If the fit is of another model.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.diagnostics import wald_sar
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> wald_sar(SDM(panel, weights, outcome="y", regressors=["x1"]).fit()).df
    1
    """
    _check_model_is(fit, ("sdm",), "the simplification to SAR")
    return wald_zero(fit, [f"W_{z}" for z in fit.durbin], test="wald_sar", hypothesis="th_zero")


def wald_slx(fit: Fit) -> TestResult:
    """Return the Wald test of SDM against SLX: ``rho = 0``.

    Parameters
    ----------
    fit : Fit
        Fit of SDM.

    Returns
    -------
    TestResult
        Chi-squared with one degree of freedom.

    Raises
    ------
    ConfigError
        If the fit is of another model.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.diagnostics import wald_slx
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> bool(wald_slx(SDM(panel, weights, outcome="y", regressors=["x1"]).fit()).p_value < 0.05)
    True
    """
    _check_model_is(fit, ("sdm",), "the simplification to SLX")
    return wald_zero(fit, ["rho"], test="wald_slx", hypothesis="rho_zero")


def wald_sem(fit: Fit) -> TestResult:
    """Return the Wald test of SDM against SEM, the common-factor test ``th_k + rho b_k = 0``.

    Non-linear: the derivatives are 1 by th_k, rho by b_k and b_k by rho. The test is of the regressors whose
    spatial lags are in the model.

    Parameters
    ----------
    fit : Fit
        Fit of SDM.

    Returns
    -------
    TestResult
        Chi-squared with one degree of freedom per spatial lag.

    Raises
    ------
    ConfigError
        If the fit is of another model.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.diagnostics import wald_sem
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> wald_sem(SDM(panel, weights, outcome="y", regressors=["x1"]).fit()).hypothesis
    'common_factor'
    """
    _check_model_is(fit, ("sdm",), "the common-factor test")
    jacobian = np.zeros((len(fit.durbin), len(fit.names)))
    rho = fit["rho"]
    for row, z in zip(jacobian, fit.durbin, strict=True):
        row[fit.names.index(f"W_{z}")] = 1.0
        row[fit.names.index(z)] = rho
        row[fit.names.index("rho")] = fit[z]
    values = np.array([fit[f"W_{z}"] + rho * fit[z] for z in fit.durbin])
    return wald(fit, values, jacobian, test="wald_sem", hypothesis="common_factor", reference=COMMON_FACTOR)


def simplification_tests(
    sdm: Fit, *, sar: Fit | None = None, sem: Fit | None = None, slx: Fit | None = None
) -> tuple[TestResult, ...]:
    """Return LR and Wald tests of a spatial Durbin model against its special cases.

    Parameters
    ----------
    sdm : Fit
        Fit of the general model.
    sar, sem, slx : Fit, optional
        The restricted models under the same convention, for the likelihood ratios; the Wald tests need none.

    Returns
    -------
    tuple of TestResult
        The likelihood ratios that could be formed, then the Wald tests against SAR, SEM and SLX.

    Raises
    ------
    ConfigError, ConvergenceError, IdentificationError
        See `likelihood_ratio` and `wald`.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR, SDM
    >>> from shuyi.spatialpanel.diagnostics import simplification_tests
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> sar, sdm = (model(panel, weights, outcome="y", regressors=["x1"]).fit() for model in (SAR, SDM))
    >>> [test.test for test in simplification_tests(sdm, sar=sar)]
    ['lr_sar', 'wald_sar', 'wald_sem', 'wald_slx']
    """
    ratios = [likelihood_ratio(restricted, sdm) for restricted in (sar, sem, slx) if restricted is not None]
    found = (*ratios, wald_sar(sdm), wald_sem(sdm), wald_slx(sdm))
    return tuple(r.about(group="simplification") for r in found)


def is_common_factor_nested(general: Fit) -> bool:
    """Whether SEM is a special case of this SDM.

    It is if all regressors are lagged, and W maps the effects into effects: individual fixed effects always,
    an intercept or time effects where rows sum to one. Random effects are not mapped into independent ones.

    Parameters
    ----------
    general : Fit
        Fit of SDM with its weights.

    Returns
    -------
    bool
        True where ``th + rho b = 0`` gives SEM.
    """
    effects = general.effects_structure
    lagged = set(general.durbin) >= set(general.regressors) - {INTERCEPT}
    assert general.lags is not None
    mapped = effects == "individual" or general.lags.is_row_standardised
    return lagged and mapped and effects in FIXED_EFFECTS


def _check_model_is(fit: Fit, allowed: tuple[str, ...], what: str) -> None:
    if fit.model not in allowed:
        raise ConfigError(
            f"{what[0].upper()}{what[1:]} starts from another model.",
            expected=" or ".join(name.upper() for name in allowed),
            found=fit.model.upper(),
        )


def _check_comparable(restricted: Fit, general: Fit) -> None:
    differences = [
        f"{name}: {_short(getattr(restricted, name))} against {_short(getattr(general, name))}"
        for name in COMPARED
        if getattr(restricted, name) != getattr(general, name)
    ]
    first, second = restricted.weights_info, general.weights_info
    differences += [
        f"weights of the {name}: {_short(first[name]['sha256'])} against {_short(second[name]['sha256'])}"
        for name in sorted(set(first) & set(second))
        if first[name]["sha256"] != second[name]["sha256"]
    ]
    if differences:
        raise ConfigError(
            "Likelihoods of different data or conventions cannot be compared.",
            expected="the same outcome, units, periods, weights, effects and convention in both fits",
            found=offenders(differences),
            remedy="estimate both models with the same arguments",
        )
    if general.convention == "lee_yu_bias":
        raise ConfigError(
            "A bias-corrected estimate does not maximise a likelihood.",
            expected="correction='lee_yu', 'exact' or 'demean_then_lag'",
            found="correction='lee_yu_bias'",
            remedy="use the Wald test, or estimate both models with correction='lee_yu'",
        )


def _check_nested(restricted: Fit, general: Fit) -> None:
    if set(restricted.names) < set(general.names):
        return
    if (restricted.model, general.model) == ("sem", "sdm") and restricted.regressors == general.regressors:
        if is_common_factor_nested(general):
            return
        reason = "SEM is nested in SDM only if every regressor is lagged and W maps the effects into effects"
    else:
        extra = [name for name in restricted.names if name not in general.names]
        reason = f"{restricted.model} has parameters that {general.model} lacks: {offenders(extra) or 'none'}"
    raise ConfigError(
        "The two models are not nested.",
        expected="a restricted model whose parameters are among those of the general model",
        found=reason,
        remedy="compare unnested models by posterior probability or an information criterion",
    )


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 24 else f"{text[:24]}..."
