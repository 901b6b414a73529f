"""Non-spatial panel columns: least squares with fixed effects, estimated by linearmodels.

The result carries the same names as a fit of `shuyi.spatialpanel`, so that tables read both alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import check_level
from shuyi.errors import DataError, IdentificationError, check_known
from shuyi.spatialpanel.design import INTERCEPT, build_design
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
    "driscoll_kraay": {"cov_type": "kernel", "kernel": "bartlett"},
}
"""Arguments of ``PanelOLS.fit`` by the name of the covariance."""


@dataclass(frozen=True, eq=False)
class FixedEffectsFit(PanelFitViews, LikelihoodViews):
    """Least-squares estimates with fixed effects.

    Attributes
    ----------
    outcome : str
    regressors : tuple of str
    effects_structure : {"pooled", "individual", "time", "twoways"}
    covariance_kind : {"information", "robust", "cluster", "driscoll_kraay"}
    names : tuple of str, length p
        Coefficients, with the intercept of a pooled model.
    values, p_values : ndarray, shape (p,)
        p-values are two-sided, from Student's t with `df_resid` degrees of freedom.
    covariance_matrix : ndarray, shape (p, p)
        With the small-sample factor of linearmodels (``debiased=True``).
    sigma2 : float
        Residual sum of squares over `df_resid`.
    loglik : float
        Gaussian, concentrated over all ``n T`` observations.
    r2_within : float
        ``1 - e'e / y~'y~`` with y~ the outcome after the effects are removed.
    df_resid : int
    n, T, n_effective : int
        `n_effective` is the number of observations that the likelihood counts, ``n T``.
    units, periods : tuple
    residual_values, outcome_values : ndarray, shape (T, n), or None
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
        arrays : bool
            Whether residuals and outcome are included.
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

    def _title(self) -> str:
        return self.model.upper()

    def _removed_by(self) -> str:
        return f"{self.convention} (least squares with dummies)"

    def _quantile(self, level: float) -> float:
        from scipy.stats import t

        return float(t.ppf(0.5 + check_level(level) / 2, self.df_resid))


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
    outcome : str
    regressors : sequence of str
    effects : {"pooled", "individual", "time", "twoways"}
    covariance : {"information", "robust", "cluster", "driscoll_kraay"}
        ``"cluster"`` clusters by unit with the factor G/(G - 1) (N - 1)/(N - K). K counts the coefficients
        and, unless they are individual effects alone (nested in the clusters), the effects, as least squares
        with dummies does.

    Raises
    ------
    ConfigError
        If effects or covariance are unknown, or names clash.
    DataError
        If the panel is unbalanced, lacks a variable, or holds a missing or infinite value.
    IdentificationError
        If the effects absorb a regressor or regressors are collinear.
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
    return FixedEffectsFit(
        outcome=design.outcome,
        regressors=tuple(r for r in design.regressors if r != INTERCEPT),
        effects_structure=effects,
        covariance_kind=covariance,
        names=tuple(result.params.index),
        values=result.params.to_numpy(),
        covariance_matrix=result.cov.to_numpy(),
        p_values=result.pvalues.to_numpy(),
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
