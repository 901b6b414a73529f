"""Labelled views of estimates, which every result shares: pandas objects, made when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, offenders
from shuyi.panel import Panel
from shuyi.spatialpanel.cautions import CLUSTERED
from shuyi.spatialpanel.effects import Spillover, p_value, reference_quantile
from shuyi.spatialpanel.transforms import DESCRIPTIONS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.design import Lags
    from shuyi.weights import Weights


STATISTICS = ("n", "T", "n_effective", "loglik", "aic", "bic")
"""Statistics that stand below the estimates of a column."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a table says of a column besides its estimates.

    Attributes
    ----------
    model : str
        Name of the model, as printed.
    outcome : str
        Name of the dependent variable.
    effects : str
        Effects structure.
    correction : str
        How the effects were removed, or how the column was estimated.
    covariance : str
        Kind of covariance, a key of `covariance.COVARIANCES`.
    weights, periods : str
        Weights and years, as printed.
    statistics : mapping of str to float, default empty
        Those of `STATISTICS` that the estimate has.
    notes : tuple of str, default empty
        What a reader of the column must know.
    """

    model: str
    outcome: str
    effects: str
    correction: str
    covariance: str
    weights: str
    periods: str
    statistics: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


class EstimateViews:
    """Views of estimates and their covariance matrix.

    The reference distribution of intervals and p-values is Student's t with `df_reference` degrees of
    freedom, by default infinite: the normal distribution.

    Attributes
    ----------
    names : tuple of str, length p
        Names of the parameters.
    values : ndarray, shape (p,)
        Estimates, in the order of `names`.
    covariance_matrix : ndarray, shape (p, p)
        Covariance of the estimates, in the order of `names`.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance_matrix: NDArray[np.float64]

    def __getitem__(self, name: str) -> float:
        """Return one estimate as a number."""
        return float(self.values[self.position(name)])

    def position(self, name: str) -> int:
        """Return where a parameter stands among the estimates.

        Parameters
        ----------
        name : str
            Name of a parameter.

        Returns
        -------
        int
            From zero.

        Raises
        ------
        ConfigError
            If there is no parameter of that name.
        """
        if name not in self.names:
            raise ConfigError(
                f"The model has no parameter {name!r}.", expected=f"one of {offenders(self.names, 20)}"
            )
        return self.names.index(name)

    @cached_property
    def standard_errors(self) -> NDArray[np.float64]:
        """Standard errors as an array, shape (p,)."""
        return np.sqrt(np.diag(self.covariance_matrix))

    @cached_property
    def params(self) -> pd.Series:
        """Estimates by name."""
        return self._series(self.values, "estimate")

    @cached_property
    def std_errors(self) -> pd.Series:
        """Standard errors by name."""
        return self._series(self.standard_errors, "std_error")

    @cached_property
    def tstats(self) -> pd.Series:
        """Estimates over their standard errors."""
        return self._series(self.values / self.standard_errors, "t")

    @property
    def df_reference(self) -> float:
        """Degrees of freedom of Student's t that intervals and p-values refer to; infinite for the normal."""
        return inf

    @cached_property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of Student's t with `df_reference` degrees of freedom."""
        z = self.values / self.standard_errors
        return self._series(np.array([p_value(v, self.df_reference) for v in z.tolist()]), "p_value")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix of the estimates."""
        import pandas as pd

        return pd.DataFrame(self.covariance_matrix, index=list(self.names), columns=list(self.names))

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Return confidence intervals of the distribution of `pvalues`, columns ``low`` and ``high``.

        Parameters
        ----------
        level : float, default 0.95
            Level of the intervals, in (0, 1).

        Returns
        -------
        DataFrame, shape (p, 2)
            Indexed by parameter.
        """
        import pandas as pd

        reach = self._quantile(level) * self.standard_errors
        bounds = {"low": self.values - reach, "high": self.values + reach}
        return pd.DataFrame(bounds, index=list(self.names))

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row per parameter.

        Parameters
        ----------
        level : float, default 0.95
            Level of the intervals, in (0, 1).

        Returns
        -------
        DataFrame
            Columns estimate, std_error, z, p_value, ci_low, ci_high.
        """
        import pandas as pd

        bounds = self.conf_int(level)
        columns = {
            "estimate": self.params,
            "std_error": self.std_errors,
            "z": self.tstats,
            "p_value": self.pvalues,
            "ci_low": bounds["low"],
            "ci_high": bounds["high"],
        }
        return pd.DataFrame(columns).rename_axis("parameter")

    def describe(self) -> Description:
        """Return what a table says of these estimates besides their numbers.

        Returns
        -------
        Description
            Model, effects, weights, statistics and notes.

        Raises
        ------
        NotImplementedError
            Where a kind of estimate does not say it.
        """
        raise NotImplementedError

    def _quantile(self, level: float) -> float:
        return reference_quantile(level, self.df_reference)[0]

    def _series(self, values: NDArray, name: str) -> pd.Series:
        import pandas as pd

        return pd.Series(values, index=list(self.names), name=name)


class PanelFitViews(EstimateViews):
    """Views of an estimated panel model: its residuals, and the part of maketables' format all models share.

    Attributes
    ----------
    outcome : str
        Name of the dependent variable.
    effects_structure, covariance_kind : str
        Effects that were removed or random, and kind of covariance.
    units, periods, notes : tuple
        Labels of the panel, and what a reader must know.
    residual_values : ndarray, shape (T, n), or None
        Innovations, transformed as the effects say.
    """

    outcome: str
    effects_structure: str
    covariance_kind: str
    units: tuple[str, ...]
    periods: tuple[int, ...]
    notes: tuple[str, ...]
    residual_values: NDArray[np.float64] | None

    def describe(self) -> Description:
        """Return what a table says of these estimates besides their numbers.

        Returns
        -------
        Description
            Model, effects, weights, statistics and notes.
        """
        return Description(
            model=self._title(),
            outcome=self.outcome,
            effects=self.effects_structure,
            correction=self._removed_by(),
            covariance=self.covariance_kind,
            weights=self._weights_text(),
            periods=f"{self.periods[0]} to {self.periods[-1]}",
            statistics={name: getattr(self, name) for name in STATISTICS if hasattr(self, name)},
            notes=self.notes,
        )

    def _title(self) -> str:
        raise NotImplementedError

    def _removed_by(self) -> str:
        raise NotImplementedError

    def _weights_text(self) -> str:
        return "none"

    @cached_property
    def residuals(self) -> pd.Series:
        """Innovations e indexed by (unit, period), as transformed for the effects."""
        return self._panel_series(self._need(self.residual_values, "residuals"), "residual")

    @property
    def __maketables_coef_table__(self) -> pd.DataFrame:
        """Coefficient table of the maketables plug-in format."""
        import pandas as pd

        bounds = self.conf_int()
        columns = {
            "b": self.params,
            "se": self.std_errors,
            "t": self.tstats,
            "p": self.pvalues,
            "ci95l": bounds["low"],
            "ci95u": bounds["high"],
        }
        return pd.DataFrame(columns).rename_axis("Coefficient")

    @property
    def __maketables_depvar__(self) -> str:
        """Outcome of the model."""
        return self.outcome

    @property
    def __maketables_fixef_string__(self) -> str | None:
        """Fixed effects in maketables' notation."""
        return {"individual": "unit", "time": "period", "twoways": "unit+period"}.get(self.effects_structure)

    def _panel_series(self, values: NDArray, name: str) -> pd.Series:
        return Panel(values[:, :, None].copy(), self.units, self.periods, (name,)).to_frame()[name]

    @staticmethod
    def _need(values: NDArray | None, what: str) -> NDArray[np.float64]:
        if values is None:
            raise DataError(
                f"This fit was read back without its {what}.", remedy="write it with to_dict(arrays=True)"
            )
        return values


class LikelihoodViews:
    """Information criteria of a maximised likelihood.

    Attributes
    ----------
    loglik : float
        Log-likelihood, with its constants.
    n_effective : int
        Observations that the likelihood counts.
    """

    loglik: float
    n_effective: int

    @property
    def n_parameters(self) -> int:
        """Number of estimated parameters, sigma2 included, fixed effects not."""
        raise NotImplementedError

    @property
    def aic(self) -> float:
        """Akaike's criterion, ``2 p - 2 l``, fixed effects not counted."""
        return 2 * self.n_parameters - 2 * self.loglik

    @property
    def bic(self) -> float:
        """Schwarz's criterion, ``p ln N - 2 l`` with N the effective observations."""
        return float(self.n_parameters * np.log(self.n_effective) - 2 * self.loglik)


class LikelihoodFitViews(PanelFitViews, LikelihoodViews):
    """Views of a panel model estimated by maximum likelihood.

    Attributes
    ----------
    model : str
        Id of the model.
    regressors, durbin : tuple of str
        Regressors, and those of them that are spatially lagged.
    convention : str
        Key of the correction that was applied (see `transforms.DESCRIPTIONS`).
    n, T : int
        Numbers of units and periods.
    intervals, convergence, logdet : mapping
        Admissible intervals of rho and lam; records of the search and of the log-determinant.
    lags : Lags or None
        Weights by period.
    clusters : int
        Clusters of a clustered covariance; zero where each unit is one.
    """

    model: str
    regressors: tuple[str, ...]
    durbin: tuple[str, ...]
    convention: str
    n: int
    T: int
    intervals: Mapping[str, tuple[float, float]]
    convergence: Mapping[str, Any]
    logdet: Mapping[str, Any]
    lags: Lags | None
    clusters: int = 0

    @property
    def df_reference(self) -> float:
        """Number of clusters less one under clustered covariances; infinite, the normal, under others."""
        return (self.clusters or self.n) - 1 if self.covariance_kind in CLUSTERED else inf

    @property
    def convention_note(self) -> str:
        """One sentence that says how the effects were removed."""
        return DESCRIPTIONS[self.convention]

    @property
    def is_dynamic(self) -> bool:
        """Whether the outcome depends on its own past: through tau or eta."""
        return "tau" in self.names or "eta" in self.names

    @cached_property
    def spillover(self) -> Spillover:
        """What the effects need of the weights.

        Raises
        ------
        DataError
            If the fit was read back and has no weights yet.
        """
        if self.lags is None and ("rho" in self.names or self.durbin):
            raise DataError(
                "The effects need the weights, and this fit was read back without them.",
                remedy="call Fit.from_dict(payload, weights) or fit.with_weights(weights)",
            )
        return Spillover.of(self.lags, self.T, str(self.logdet.get("method", "auto")))

    @property
    def lag_weights(self) -> Weights:
        """Weights of the spatial lags, where one matrix serves all periods.

        Raises
        ------
        DataError
            If the fit was read back and has no weights yet, or the model has no spatial lags.
        ConfigError
            If the weights vary by period.
        """
        return self._weights_of(None)

    def _weights_of(self, period: int | None) -> Weights:
        weights = self.spillover.weights
        if not weights:
            raise DataError("A model without spatial terms has no effects between units.")
        assert self.lags is not None
        if self.lags.is_constant:
            return weights[0]
        if period not in self.periods:
            raise ConfigError(
                "The weights vary by period, so that the effect matrix does too.",
                expected=f"period: one of {offenders(self.periods, 20)}",
                found=repr(period),
            )
        return self.lags.at(self.periods.index(period))

    def _title(self) -> str:
        return self.model.upper()

    def _removed_by(self) -> str:
        return f"{self.convention} ({self.convention_note})"


def weights_text(info: Mapping[str, Mapping[str, Any]]) -> str:
    """Return weights as a table's note names them.

    Parameters
    ----------
    info : mapping of str to mapping
        Kind and normalisation by role: ``"lag"``, ``"error"``; empty where a model has no weights.

    Returns
    -------
    str
        For example ``contiguity, normalised: row``; ``none`` without weights.
    """
    parts = [
        f"{w['kind']}, normalised: {w['normalisation']}" + (" (error process)" if role == "error" else "")
        for role, w in info.items()
        if role == "lag" or w != info.get("lag")
    ]
    return " and ".join(parts) or "none"
