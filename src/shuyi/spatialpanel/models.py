"""The model classes: which terms a model has, its data, and its estimation.

`ESTIMATORS` maps a route to the function that estimates it, ``(model, options) -> Fit``. The route of a model
is ``"dynamic"`` where ``dynamic`` is given, else its effects structure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from shuyi.errors import ConfigError, WeightsError, check_known, did_you_mean
from shuyi.spatialpanel.design import Design, build_design
from shuyi.spatialpanel.dynamic import fit_dynamic
from shuyi.spatialpanel.fixed import fit_fixed
from shuyi.spatialpanel.random import fit_random
from shuyi.spatialpanel.results import Fit
from shuyi.spatialpanel.terms import (
    DYNAMICS,
    EFFECTS,
    RANDOM_FORMS,
    UNSTABLE,
    WITH_INTERCEPT,
    FitOptions,
    SpecifiedModel,
    Terms,
)
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, RANDOM_EFFECTS

ESTIMATORS: dict[str, Callable[[SpecifiedModel, FitOptions], Fit]] = {
    **dict.fromkeys(FIXED_EFFECTS, fit_fixed),
    **dict.fromkeys(RANDOM_EFFECTS, fit_random),
    "dynamic": fit_dynamic,
}
"""Route and the function that estimates it."""


class SpatialModel(SpecifiedModel):
    """A panel model with spatial terms; its subclasses only say which.

    Parameters
    ----------
    data : Panel or DataFrame
        A frame is indexed by (unit, period). The panel is balanced.
    weights : Weights, libpysal Graph or W, labelled square DataFrame, or a list of T of them, optional
        Spatial weights, with the panel's units in the panel's order; a list where they vary by period.
        ``OLS`` needs none.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    durbin : "all", sequence of str, or None
        Regressors whose spatial lags are included. By default all where the model has such terms.
    effects : {"pooled", "individual", "time", "twoways", "random", "correlated"}, default "twoways"
        Pooled, random and correlated random effects get an intercept, named ``"const"``.
    dynamic : False, "tau", "eta" or "both", default False
        Lags in time of SAR and SDM: ``tau y_{t-1}``, ``eta W y_{t-1}`` or both (see `dynamic`). The first
        period is then only conditioned on.
    error_weights : as `weights`, optional
        Weights of the spatial error process; by default those of the lag.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours; kept, their spatial lags are zero.
    random_form : {"kkp", "baltagi"}, default "kkp"
        Whether random effects stand inside or outside the spatial error process (see `random`).

    Raises
    ------
    ConfigError
        If an option is unknown or does not suit the model, or `durbin` is not among the regressors.
    DataError, AlignmentError, WeightsError
        See `design.build_design`.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM, SpatialModel
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> model = SDM(panel, weights, outcome="y", regressors=["x1"])
    >>> model
    <SDM of 'y' on x1, W_x1, twoways effects, n = 16, T = 6>
    >>> isinstance(model, SpatialModel), model.fit().convention
    (True, 'lee_yu')
    """

    def __init__(
        self,
        data: Any,
        weights: Any = None,
        *,
        outcome: str,
        regressors: Sequence[str],
        durbin: str | Sequence[str] | None = "default",
        effects: str = "twoways",
        dynamic: bool | str = False,
        error_weights: Any = None,
        islands: str = "refuse",
        random_form: str = "kkp",
    ) -> None:
        self.effects = effects
        self.dynamic = dynamic
        self.random_form = random_form
        _check_route(effects, dynamic)
        _check_random_form(effects, random_form)
        if weights is None and (self.terms.lag or self.terms.durbin or self.terms.error):
            raise WeightsError(f"{self.terms.name.upper()} needs spatial weights.", found="weights=None")
        if error_weights is not None and not self.terms.error:
            raise ConfigError(
                f"{self.terms.name.upper()} has no spatial error process, so that it takes no error_weights.",
                remedy="use SEM, SDEM, SAC or GNS",
            )
        if isinstance(regressors, str):
            raise ConfigError(
                "Regressors are a list of names.", found=repr(regressors), remedy=f"[{regressors!r}]"
            )
        self.design: Design = build_design(
            data,
            weights,
            outcome=outcome,
            regressors=regressors,
            durbin=_durbin(self.terms, durbin, tuple(regressors)),
            intercept=effects in WITH_INTERCEPT,
            error_weights=error_weights,
            has_error=self.terms.error,
            islands=islands,
        )

    def __repr__(self) -> str:
        d = self.design
        size = f"n = {d.n}, T = {d.T}"
        terms = ", ".join(d.names)
        return f"<{type(self).__name__} of {d.outcome!r} on {terms}, {self.effects} effects, {size}>"

    @property
    def route(self) -> str:
        """Key of `ESTIMATORS` under which this model is estimated."""
        return "dynamic" if self.dynamic else self.effects

    def fit(
        self,
        correction: str = "lee_yu",
        covariance: str = "information",
        *,
        covariance_options: Mapping[str, Any] | None = None,
        logdet: str = "auto",
        bias_of: str = "exact",
        unstable: str = "refuse",
    ) -> Fit:
        """Estimate the model by maximum likelihood.

        Parameters
        ----------
        correction : {"lee_yu", "exact", "demean_then_lag", "lee_yu_bias"}, default "lee_yu"
            How fixed effects are removed (see `transforms`). Without effects (``"pooled"``) all of them are
            the same estimator, whose convention is named ``"none"``.
        covariance : str, default "information"
            A key of `covariance.COVARIANCES`.
        covariance_options : mapping, optional
            Arguments of that covariance, e.g. distances and cut-off.
        logdet : str, default "auto"
            ``"auto"`` or a key of `logdet.METHODS`.
        bias_of : {"exact", "demean_then_lag"}, default "exact"
            The direct estimate that ``correction="lee_yu_bias"`` corrects.
        unstable : {"refuse", "flag"}, default "refuse"
            What to do with a dynamic estimate outside the stable region; flagged, the fit says that it is not
            a result and has no effects.

        Returns
        -------
        Fit
            Estimates, their covariance, and all that effects and tables need.

        Raises
        ------
        ConfigError
            If an option is unknown, or the correction does not exist for these effects and weights.
        IdentificationError
            If regressors are absorbed or collinear (named), or observations are too few.
        ConvergenceError
            If a spatial parameter ends at the edge of its interval, or a dynamic estimate is unstable.

        Examples
        --------
        >>> from shuyi.spatialpanel import SDM
        >>> from shuyi.spatialpanel.montecarlo.cells import lattice
        >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
        >>> weights = lattice(4)
        >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
        >>> model = SDM(panel, weights, outcome="y", regressors=["x1"], effects="twoways")
        >>> fit = model.fit("lee_yu", "cluster")
        >>> fit.names, fit.n_effective
        (('x1', 'W_x1', 'rho', 'sigma2'), 75)
        """
        check_known(unstable, UNSTABLE, "rule for unstable estimates")
        options = FitOptions(
            correction, covariance, dict(covariance_options or {}), logdet, bias_of, unstable
        )
        return ESTIMATORS[self.route](self, options)


class OLS(SpatialModel):
    """``y = X b + effects + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import OLS
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> OLS(panel, outcome="y", regressors=["x1"]).fit().names
    ('x1', 'sigma2')
    """

    terms = Terms("ols")


class SLX(SpatialModel):
    """``y = X b + W Z th + effects + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import SLX
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> SLX(panel, weights, outcome="y", regressors=["x1"]).fit().names
    ('x1', 'W_x1', 'sigma2')
    """

    terms = Terms("slx", durbin=True)


class SAR(SpatialModel):
    """``y = rho W y + X b + effects + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> SAR(panel, weights, outcome="y", regressors=["x1"]).fit().names
    ('x1', 'rho', 'sigma2')
    """

    terms = Terms("sar", lag=True)


class SEM(SpatialModel):
    """``y = X b + effects + u``, ``u = lam W u + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import SEM
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> SEM(panel, weights, outcome="y", regressors=["x1"]).fit().names
    ('x1', 'lam', 'sigma2')
    """

    terms = Terms("sem", error=True)


class SDM(SpatialModel):
    """``y = rho W y + X b + W Z th + effects + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SDM(panel, weights, outcome="y", regressors=["x1"]).fit()
    >>> fit.names
    ('x1', 'W_x1', 'rho', 'sigma2')
    >>> fit.effects(draws=0).to_frame()[["component", "estimate"]].round(2)
      component  estimate
    0    direct      0.94
    1  indirect      1.12
    2     total      2.06
    """

    terms = Terms("sdm", lag=True, durbin=True)


class SDEM(SpatialModel):
    """``y = X b + W Z th + effects + u``, ``u = lam W u + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDEM
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> SDEM(panel, weights, outcome="y", regressors=["x1"]).fit().names
    ('x1', 'W_x1', 'lam', 'sigma2')
    """

    terms = Terms("sdem", durbin=True, error=True)


class SAC(SpatialModel):
    """``y = rho W1 y + X b + effects + u``, ``u = lam W2 u + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAC
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> SAC(panel, weights, outcome="y", regressors=["x1"]).fit().names
    ('x1', 'rho', 'lam', 'sigma2')
    """

    terms = Terms("sac", lag=True, error=True)


class GNS(SpatialModel):
    """``y = rho W1 y + X b + W1 Z th + effects + u``, ``u = lam W2 u + e``.

    Examples
    --------
    >>> from shuyi.spatialpanel import GNS
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> GNS(panel, weights, outcome="y", regressors=["x1"])
    <GNS of 'y' on x1, W_x1, twoways effects, n = 16, T = 6>
    """

    terms = Terms(
        "gns",
        lag=True,
        durbin=True,
        error=True,
        note="The general nesting model is only weakly identified: rho, lam and th compete for the same "
        "variation (Elhorst 2014, section 2.3).",
    )


MODELS: dict[str, type[SpatialModel]] = {c.terms.name: c for c in (OLS, SLX, SAR, SEM, SDM, SDEM, SAC, GNS)}
"""Model classes by id."""


def _check_route(effects: str, dynamic: bool | str) -> None:
    check_known(effects, EFFECTS, "effects structure")
    if dynamic is not False:
        check_known(str(dynamic), DYNAMICS, "value of dynamic")


def _check_random_form(effects: str, form: str) -> None:
    check_known(form, RANDOM_FORMS, "form of random effects")
    if form != RANDOM_FORMS[0] and effects not in RANDOM_EFFECTS:
        raise ConfigError(
            f"A model with {effects} effects has no random effects whose form could be chosen.",
            expected=f"effects: one of {', '.join(RANDOM_EFFECTS)}",
            found=f"random_form={form!r}",
            remedy="leave random_form out",
        )


def _durbin(terms: Terms, durbin: str | Sequence[str] | None, regressors: tuple[str, ...]) -> tuple[str, ...]:
    if durbin == "default":
        durbin = "all" if terms.durbin else None
    if durbin is None:
        return ()
    if not terms.durbin:
        nearest = {"ols": "SLX", "sar": "SDM", "sem": "SDEM", "sac": "GNS"}[terms.name]
        raise ConfigError(
            f"{terms.name.upper()} has no spatial lags of regressors.",
            expected="durbin=None",
            found=repr(durbin),
            remedy=f"use {nearest}",
        )
    if isinstance(durbin, str):
        if durbin != "all":
            raise ConfigError(
                "durbin is 'all', a list of regressors, or None.",
                found=repr(durbin),
                remedy=did_you_mean(durbin, ("all",)) or f"[{durbin!r}]",
            )
        return regressors
    return tuple(durbin)
