"""One linear equation with endogenous regressors, handed to linearmodels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import IdentificationError, offenders
from shuyi.panel import stack
from shuyi.spatialpanel.collinear import dependent_columns

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


KINDS = ("unadjusted", "robust", "clustered")
"""Kinds of covariance: homoskedastic, heteroskedasticity-robust, clustered by unit."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Named variables of the panel.

    Attributes
    ----------
    names : tuple of str, length k
        Names of the variables.
    values : ndarray, shape (T, n, k)
        Their values, one layer per variable.
    """

    names: tuple[str, ...]
    values: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def stacked(self) -> NDArray[np.float64]:
        """The columns as a matrix, shape (T n, k)."""
        return stack(self.values)

    def frame(self) -> pd.DataFrame:
        """Return the columns as a frame with one row per observation.

        Returns
        -------
        DataFrame, shape (T n, k)
            Rows are period-major.
        """
        import pandas as pd

        return pd.DataFrame(self.stacked, columns=list(self.names))


@dataclass(frozen=True, slots=True, eq=False)
class Equation:
    """An equation in linearmodels' terms.

    Attributes
    ----------
    outcome, exogenous, endogenous, instruments : DataFrame
        Variables with one row per observation, period-major; `instruments` are the excluded ones.
    units : ndarray, shape (T n,)
        Number of the unit of each row: its cluster.
    kind : {"unadjusted", "robust", "clustered"}
        Kind of covariance.
    """

    outcome: pd.DataFrame
    exogenous: pd.DataFrame
    endogenous: pd.DataFrame
    instruments: pd.DataFrame
    units: NDArray[np.int64]
    kind: str

    @classmethod
    def of(
        cls, outcome: Columns, exogenous: Columns, endogenous: Columns, instruments: Columns, kind: str
    ) -> Equation:
        """Stack the columns of a panel.

        Parameters
        ----------
        outcome : Columns
            The dependent variable.
        exogenous : Columns
            Included exogenous variables; possibly none.
        endogenous : Columns
            Endogenous variables.
        instruments : Columns
            Excluded instruments.
        kind : {"unadjusted", "robust", "clustered"}
            Kind of covariance.

        Returns
        -------
        Equation
            Ready for linearmodels.
        """
        T, n = outcome.values.shape[:2]
        units = np.tile(np.arange(n), T)
        frames = [c.frame() for c in (outcome, exogenous, endogenous, instruments)]
        return cls(frames[0], frames[1], frames[2], frames[3], units, kind)

    def two_stage(self) -> Any:
        """Return two-stage least squares (``IV2SLS``), without a small-sample factor.

        Returns
        -------
        linearmodels IVResults
            Estimates, tests and first stage.
        """
        from linearmodels.iv import IV2SLS

        model = IV2SLS(self.outcome, _or_none(self.exogenous), self.endogenous, self.instruments)
        return model.fit(cov_type=self.kind, debiased=False, **self._clusters)

    def gmm(self) -> Any:
        """Return the two-step efficient GMM estimate (``IVGMM``) whose weights are of the same kind.

        Returns
        -------
        linearmodels IVGMMResults
            Estimates and Hansen's J.
        """
        from linearmodels.iv import IVGMM

        model = IVGMM(
            self.outcome,
            _or_none(self.exogenous),
            self.endogenous,
            self.instruments,
            weight_type=self.kind,
            **self._clusters,
        )
        return model.fit(iter_limit=2, cov_type=self.kind, debiased=False, **self._clusters)

    def augmented(self, names: list[str]) -> float:
        """Return the Wald statistic of the first-stage residuals of some endogenous variables.

        The variables count as exogenous beside their residuals; other endogenous variables stay instrumented.
        A variable less its residual is a combination of the instruments: they lose that dimension.

        Parameters
        ----------
        names : list of str
            Endogenous variables that are tested, all or some of them.

        Returns
        -------
        float
            Chi-squared with one degree of freedom per name if they are exogenous.
        """
        import pandas as pd
        from linearmodels.iv import IV2SLS

        tested, others = self.endogenous[names], self.endogenous.drop(columns=names)
        rest = _residual(tested, pd.concat([self.exogenous, self.instruments], axis=1))
        rest.columns = [f"residual of {name}" for name in names]
        exogenous = pd.concat([self.exogenous, tested, rest], axis=1)
        instruments = None
        if others.shape[1]:
            new = np.linalg.svd(_residual(self.instruments, exogenous).to_numpy(), full_matrices=False)[0]
            instruments = pd.DataFrame(new[:, : self.instruments.shape[1] - len(names)]).add_prefix(
                "instrument "
            )
        model = IV2SLS(self.outcome, exogenous, _or_none(others), instruments)
        result = model.fit(cov_type=self.kind, debiased=False, **self._clusters)
        residuals = list(rest.columns)
        b, cov = result.params[residuals].to_numpy(), result.cov.loc[residuals, residuals].to_numpy()
        return float(b @ np.linalg.solve(cov, b))

    @property
    def _clusters(self) -> dict[str, Any]:
        return {"clusters": self.units} if self.kind == "clustered" else {}


def check_identified(exogenous: Columns, endogenous: Columns, instruments: Columns) -> None:
    """Raise IdentificationError unless instruments are enough, independent and related to the regressors.

    Parameters
    ----------
    exogenous : Columns
        Included exogenous variables; possibly none.
    endogenous : Columns
        Endogenous variables.
    instruments : Columns
        Excluded instruments.

    Raises
    ------
    IdentificationError
        If there are fewer excluded instruments than endogenous variables; if an exogenous regressor or an
        instrument is a combination of the columns before it (named); or if the endogenous variables
        projected on the instruments are collinear.
    """
    if len(instruments) < len(endogenous):
        raise IdentificationError(
            "The equation is under-identified: it has fewer instruments than endogenous variables.",
            expected=f"at least {len(endogenous)} instruments for {offenders(endogenous.names)}",
            found=f"{len(instruments)}: {offenders(instruments.names) or 'none'}",
            remedy="name external instruments, lag them in space, or use more orders of spatial lags",
        )
    given = np.concatenate([exogenous.stacked, instruments.stacked], axis=1)
    names = (*exogenous.names, *instruments.names)
    surplus = collinear_columns(given, names)
    if surplus:
        inside = [name for name in surplus if name in exogenous.names]
        raise IdentificationError(
            f"{'Regressors' if inside else 'Instruments'} are collinear after the transformation.",
            expected="columns of [X, instruments] that are linearly independent once the effects are removed",
            found=f"combinations of the columns before them: {offenders(inside or surplus)}",
            remedy="leave these regressors out" if inside else "leave these out of instruments=",
        )
    basis = np.linalg.qr(given)[0]
    projected = basis @ (basis.T @ endogenous.stacked)
    weak = collinear_columns(
        np.concatenate([exogenous.stacked, projected], axis=1),
        exogenous.names + endogenous.names,
        np.concatenate([exogenous.stacked, endogenous.stacked], axis=1),
    )
    if weak:
        raise IdentificationError(
            "The instruments do not identify the equation.",
            expected="endogenous variables whose projections on the instruments are linearly independent",
            found=f"no variation of their own: {offenders(weak)}",
            remedy="name instruments that are related to each endogenous variable",
        )


def _residual(columns: pd.DataFrame, on: pd.DataFrame) -> pd.DataFrame:
    basis = np.linalg.qr(on.to_numpy())[0]
    return columns - basis @ (basis.T @ columns.to_numpy())


def _or_none(frame: pd.DataFrame) -> pd.DataFrame | None:
    return frame if frame.shape[1] else None


def collinear_columns(
    columns: NDArray, names: tuple[str, ...], measured_by: NDArray | None = None
) -> list[str]:
    """Return the columns with nothing new to those before them.

    Parameters
    ----------
    columns : ndarray, shape (T n, k)
        In order: each is compared with those before it.
    names : tuple of str, length k
        Their names.
    measured_by : ndarray, shape (T n, k), optional
        Columns whose lengths count as the columns' own.

    Returns
    -------
    list of str
        Names of the columns that are combinations.
    """
    lengths = np.sqrt(((columns if measured_by is None else measured_by) ** 2).sum(axis=0))
    return dependent_columns(names, np.asarray(np.linalg.qr(columns, mode="r")), lengths)
