"""Labelled views of estimates, which every result shares: pandas objects, made when first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConfigError, DataError, offenders
from shuyi.panel import Panel
from shuyi.spatialpanel.effects import normal_p_value

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class EstimateViews:
    """Views of estimates and their covariance matrix, with the normal distribution as reference.

    Attributes
    ----------
    names : tuple of str, length p
    values : ndarray, shape (p,)
    covariance_matrix : ndarray, shape (p, p)
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance_matrix: NDArray[np.float64]

    def __getitem__(self, name: str) -> float:
        """Return one estimate as a number."""
        return float(self.values[self.position(name)])

    def position(self, name: str) -> int:
        """Return where a parameter stands among the estimates.

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

    @cached_property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values of the standard normal distribution."""
        z = self.values / self.standard_errors
        return self._series(np.array([normal_p_value(v) for v in z.tolist()]), "p_value")

    @cached_property
    def cov(self) -> pd.DataFrame:
        """Covariance matrix of the estimates."""
        import pandas as pd

        return pd.DataFrame(self.covariance_matrix, index=list(self.names), columns=list(self.names))

    def conf_int(self, level: float = 0.95) -> pd.DataFrame:
        """Return confidence intervals of the distribution of `pvalues`, columns ``low`` and ``high``."""
        import pandas as pd

        reach = self._quantile(level) * self.standard_errors
        bounds = {"low": self.values - reach, "high": self.values + reach}
        return pd.DataFrame(bounds, index=list(self.names))

    def _quantile(self, level: float) -> float:
        from statistics import NormalDist

        return NormalDist().inv_cdf(0.5 + level / 2)

    def _series(self, values: NDArray, name: str) -> pd.Series:
        import pandas as pd

        return pd.Series(values, index=list(self.names), name=name)


class PanelFitViews(EstimateViews):
    """Views of an estimated panel model: its residuals, and the part of maketables' format all models share.

    Attributes
    ----------
    outcome, effects_structure : str
    units, periods : tuple
    residual_values : ndarray, shape (T, n), or None
    """

    outcome: str
    effects_structure: str
    units: tuple[str, ...]
    periods: tuple[int, ...]
    residual_values: NDArray[np.float64] | None

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
