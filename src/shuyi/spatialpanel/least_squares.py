"""Non-spatial panel columns: least squares with fixed effects, estimated by linearmodels.

The result carries the same names as a fit of `shuyi.spatialpanel`, so that tables read both alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, IdentificationError, check_known, offenders
from shuyi.spatialpanel.cautions import CLUSTERED
from shuyi.spatialpanel.covariance.jackknife import ALONE
from shuyi.spatialpanel.design import INTERCEPT, build_design
from shuyi.spatialpanel.effects import p_value
from shuyi.spatialpanel.exact import check_not_exact
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, within
from shuyi.spatialpanel.views import LikelihoodViews, PanelFitViews

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.design import Design


ESTIMATOR = "fixed_effects_ols"
FORMAT = 1
"""Version of the dictionary form."""
COVARIANCES: Mapping[str, Mapping[str, Any]] = {
    "information": {"cov_type": "unadjusted"},
    "robust": {"cov_type": "robust"},
    "cluster": {"cov_type": "clustered", "cluster_entity": True, "group_debias": True},
    "cluster_jackknife": {"cov_type": "unadjusted"},
    "driscoll_kraay": {"cov_type": "kernel", "kernel": "bartlett"},
}
"""Arguments of ``PanelOLS.fit`` by the name of the covariance; the jackknife's is computed here."""


@dataclass(frozen=True, eq=False)
class FixedEffectsFit(PanelFitViews, LikelihoodViews):
    """Least-squares estimates with fixed effects.

    Attributes
    ----------
    outcome : str
        Name of the dependent variable.
    regressors : tuple of str
        Names of the regressors.
    effects_structure : {"pooled", "individual", "time", "twoways"}
        Effects that were removed from the data, or random.
    covariance_kind : {"information", "robust", "cluster", "cluster_jackknife", "driscoll_kraay"}
        Kind of covariance.
    names : tuple of str, length p
        Coefficients, with the intercept of a pooled model.
    values : ndarray, shape (p,)
        Estimates, in the order of `names`.
    covariance_matrix : ndarray, shape (p, p)
        Covariance of the estimates, with the small-sample factor of linearmodels (``debiased=True``).
    p_values : ndarray, shape (p,)
        Two-sided, from Student's t with `df_reference` degrees of freedom: n - 1 under clustered covariances,
        `df_resid` under others.
    sigma2 : float
        Residual sum of squares over `df_resid`.
    loglik : float
        Gaussian, concentrated over all ``n T`` observations.
    r2_within : float
        ``1 - e'e / y~'y~`` with y~ the outcome after the effects are removed.
    df_resid : int
        Residual degrees of freedom.
    n, T, n_effective : int
        `n_effective` is the number of observations that the likelihood counts, ``n T``.
    units : tuple
        Labels of the units.
    periods : tuple
        Years or other periods, increasing.
    residual_values, outcome_values : ndarray, shape (T, n),, optional
        Residuals, and the outcome before the effects are removed.

    Examples
    --------
    >>> from shuyi.spatialpanel.least_squares import fit_fixed_effects
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = fit_fixed_effects(panel, outcome="y", regressors=["x1"], covariance="cluster")
    >>> fit.names, fit.df_resid
    (('x1',), 74)
    """

    outcome: str
    regressors: tuple[str, ...]
    effects_structure: str
    covariance_kind: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance_matrix: NDArray[np.float64]
    p_values: NDArray[np.float64]
    sigma2: float
    loglik: float
    r2_within: float
    df_resid: int
    n: int
    T: int
    n_effective: int
    units: tuple[str, ...]
    periods: tuple[int, ...]
    residual_values: NDArray[np.float64] | None = None
    outcome_values: NDArray[np.float64] | None = None
    model: str = field(default="ols", init=False)
    convention: str = field(default="dummies", init=False)
    durbin: tuple[str, ...] = field(default=(), init=False)
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict, init=False)
    weights_info: Mapping[str, Any] = field(default_factory=dict, init=False)
    notes: tuple[str, ...] = field(default=(), init=False)

    def __repr__(self) -> str:
        return (
            f"<FixedEffectsFit of {self.outcome!r}, {self.effects_structure} effects, "
            f"n = {self.n}, T = {self.T}, log-likelihood {self.loglik:.4f}>"
        )

    @property
    def n_parameters(self) -> int:
        """Number of coefficients and sigma2; fixed effects are not counted."""
        return len(self.names) + 1

    @cached_property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of Student's t."""
        return self._series(self.p_values, "p_value")

    def to_dict(self, *, arrays: bool = True) -> dict[str, Any]:
        """Return the fit as plain Python values in full precision, ready for JSON.

        Parameters
        ----------
        arrays : bool, default True
            Whether residuals and outcome are included.

        Returns
        -------
        dict
            Payload of `from_dict`.
        """
        payload = {"estimator": ESTIMATOR, "format": FORMAT}
        payload |= {name: getattr(self, name) for name in _PLAIN}
        payload |= {name: list(getattr(self, name)) for name in _SEQUENCES}
        for name in _ARRAYS:
            value = getattr(self, name)
            kept = value is not None and (arrays or name not in _LONG_ARRAYS)
            payload[name] = value.tolist() if kept else None
        return payload

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any]) -> FixedEffectsFit:
        """Restore a fit from `to_dict`.

        Parameters
        ----------
        payload : mapping
            What `to_dict` returned.

        Returns
        -------
        FixedEffectsFit
            The fit, in full precision.

        Raises
        ------
        DataError
            If the payload is of another estimator or format.
        """
        found = (payload.get("estimator"), payload.get("format"))
        if found != (ESTIMATOR, FORMAT):
            raise DataError(
                "This is not a fixed-effects fit in a known format.",
                expected=f"{ESTIMATOR}, format {FORMAT}",
                found=f"{found[0]}, format {found[1]}",
                remedy="estimate the model again",
            )
        values = {name: payload[name] for name in _PLAIN}
        values |= {name: tuple(payload[name]) for name in _SEQUENCES}
        for name in _ARRAYS:
            values[name] = None if payload[name] is None else np.array(payload[name], dtype=np.float64)
        return cls(**values)

    @property
    def df_reference(self) -> float:
        """Degrees of freedom of Student's t that intervals and p-values refer to."""
        return self.n - 1 if self.covariance_kind in CLUSTERED else self.df_resid

    def _title(self) -> str:
        return self.model.upper()

    def _removed_by(self) -> str:
        return f"{self.convention} (least squares with dummies)"


_PLAIN = (
    *("outcome", "effects_structure", "covariance_kind", "sigma2", "loglik", "r2_within", "df_resid"),
    *("n", "T", "n_effective"),
)
_SEQUENCES = ("regressors", "names", "units", "periods")
_LONG_ARRAYS = ("residual_values", "outcome_values")
_ARRAYS = ("values", "covariance_matrix", "p_values", *_LONG_ARRAYS)


def fit_fixed_effects(
    data: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    effects: str = "twoways",
    covariance: str = "cluster",
) -> FixedEffectsFit:
    """Estimate ``y_it = x_it b + mu_i + xi_t + e_it`` by least squares with dummies (linearmodels PanelOLS).

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        Fixed effects of the model.
    covariance : {"information", "robust", "cluster", "cluster_jackknife", "driscoll_kraay"}, optional
        By default ``"cluster"``.
        ``"cluster_jackknife"`` is that of `spatialpanel.covariance.jackknife`, with each unit a cluster;
        ``"cluster"`` clusters by unit with the factor G/(G - 1) (N - 1)/(N - K). K counts the coefficients
        and, unless they are individual effects alone (nested in the clusters), the effects, as least squares
        with dummies does.

    Returns
    -------
    FixedEffectsFit
        Estimates by linearmodels.

    Raises
    ------
    ConfigError
        If effects or covariance are unknown, or names clash.
    DataError
        If the panel is unbalanced, lacks a variable, or holds a missing or infinite value.
    IdentificationError
        If the effects absorb a regressor or regressors are collinear.

    Examples
    --------
    >>> from shuyi.spatialpanel.least_squares import fit_fixed_effects
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit_fixed_effects(panel, outcome="y", regressors=["x1"], effects="individual").df_resid
    79
    """
    check_known(effects, FIXED_EFFECTS, "effects")
    check_known(covariance, COVARIANCES, "covariance of least squares with fixed effects")
    design = build_design(
        data, None, outcome=outcome, regressors=regressors, durbin=(), intercept=effects == "pooled"
    )
    return _collected(_estimate(design, effects, covariance), design, effects, covariance)


def _collected(result: Any, design: Design, effects: str, covariance: str) -> FixedEffectsFit:
    residuals = result.resids.to_numpy().reshape(design.n, design.T).T
    check_not_exact(residuals, within(design.y, effects), design.y)
    values, matrix, p_values = result.params.to_numpy(), result.cov.to_numpy(), result.pvalues.to_numpy()
    if covariance == "cluster_jackknife":
        matrix = _cluster_jackknife(within(design.x, effects), residuals)
    if covariance in CLUSTERED:
        p_values = np.array([p_value(t, design.n - 1) for t in values / np.sqrt(np.diag(matrix))])
    return FixedEffectsFit(
        outcome=design.outcome,
        regressors=tuple(r for r in design.regressors if r != INTERCEPT),
        effects_structure=effects,
        covariance_kind=covariance,
        names=tuple(result.params.index),
        values=values,
        covariance_matrix=matrix,
        p_values=p_values,
        sigma2=float(result.s2),
        loglik=float(result.loglik),
        r2_within=float(result.rsquared),
        df_resid=int(result.df_resid),
        n=design.n,
        T=design.T,
        n_effective=int(result.nobs),
        units=design.units,
        periods=design.periods,
        residual_values=residuals.copy(),
        outcome_values=design.y.copy(),
    )


def _cluster_jackknife(x: NDArray, residuals: NDArray) -> NDArray[np.float64]:
    """Return the CV3 covariance of least squares, each unit a cluster, shape (p, p).

    Parameters
    ----------
    x : ndarray, shape (T, n, p)
        Regressors after the effects are removed.
    residuals : ndarray, shape (T, n)
    """
    n = residuals.shape[1]
    shares = np.einsum("tia,tib->iab", x, x)
    bread = np.linalg.inv(shares.sum(axis=0))
    scores = np.einsum("tia,ti->ia", x, residuals)
    left = np.eye(len(bread)) - shares @ bread
    alone = np.flatnonzero(np.linalg.svd(left, compute_uv=False)[:, -1] < ALONE)
    if len(alone):
        raise IdentificationError(
            "A coefficient is identified by one unit alone, so that the jackknife cannot leave it out.",
            expected="every coefficient identified without any one unit",
            found=f"units by position: {offenders(alone.tolist())}",
            remedy="use covariance='cluster', or leave the regressor out",
        )
    adjusted = np.linalg.solve(left, scores[:, :, None])[:, :, 0]
    return (n - 1) / n * bread @ (adjusted.T @ adjusted) @ bread


def _estimate(design: Design, effects: str, covariance: str) -> Any:
    from linearmodels.panel import PanelOLS
    from linearmodels.panel.utility import AbsorbingEffectError

    frame = _frame(design)
    try:
        model = PanelOLS(
            frame[design.outcome],
            frame[list(design.regressors)],
            entity_effects=effects in ("individual", "twoways"),
            time_effects=effects in ("time", "twoways"),
        )
        return model.fit(debiased=True, **COVARIANCES[covariance])
    except AbsorbingEffectError as error:
        raise IdentificationError(
            f"Regressors are absorbed by the {effects} effects.",
            expected="regressors that vary beside the effects",
            found=_after(str(error), "removed:"),
            remedy="leave the absorbed regressors or the effects out",
        ) from error
    except ValueError as error:
        if "rank" not in str(error):
            raise
        raise IdentificationError(
            "Regressors are collinear.",
            expected="regressors that are linearly independent",
            found=f"a matrix of deficient rank: {', '.join(design.regressors)}",
            remedy="leave one of them out",
        ) from error


def _after(message: str, words: str) -> str:
    return " ".join(message.partition(words)[2].partition("Set drop")[0].split()) or message


def _frame(design: Design) -> pd.DataFrame:
    from shuyi.panel import Panel

    values = np.concatenate([design.y[:, :, None], design.x], axis=2)
    variables = (design.outcome, *design.regressors)
    return Panel(values, design.units, design.periods, variables).to_frame()
