"""Results of many fits: arrays with one entry per specification or outcome, and frames of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConfigError, offenders
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many.plan import position

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.specification import Specification


@dataclass(frozen=True, eq=False)
class ManyFits:
    """Estimates of S specifications.

    Arrays follow the order of `specifications`. Entry j of the axis of length K is the j-th regressor of that
    specification. What a specification has not, and everything of a specification that was refused, is NaN.

    Attributes
    ----------
    specifications : tuple of Specification, length S
        In the order given.
    beta, beta_std_error : ndarray, shape (S, K)
        Coefficients of the regressors, in the unit of the outcome per unit of the regressor.
    theta, theta_std_error : ndarray, shape (S, K)
        Coefficients of their spatial lags.
    rho : ndarray, shape (S,)
        Spatial lag parameter.
    rho_std_error, lam, lam_std_error, sigma2, sigma2_std_error : ndarray, shape (S,)
        Its error; spatial error parameter and variance of the innovations, with their errors.
    effects, effects_std_error : ndarray, shape (S, K, 3)
        Direct, indirect and total effects, and their delta-method errors.
    loglik : ndarray, shape (S,)
        With its constants, on the effective observations of the convention.
    n, T, n_effective : ndarray of int, shape (S,)
        Units, periods, effective observations; zero where the specification was refused.
    iterations : ndarray of int, shape (S,)
        Newton steps of the search for rho or lam.
    gradient : ndarray, shape (S,)
        Absolute derivative of the concentrated log-likelihood at the estimate.
    reasons : tuple of str, length S
        Why a specification was refused, in the words of its single fit; empty where it was not.
    together : ndarray of bool, shape (S,)
        Whether it was estimated together with others; else one by one.

    Examples
    --------
    >>> from shuyi.spatialpanel import Specification
    >>> from shuyi.spatialpanel.many import ManyFits, fit_many
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> specs = [Specification(m, "", "", m, "y", ("x1",)) for m in ("slx", "sdm")]
    >>> many = fit_many(panel, weights, specs)
    >>> isinstance(many, ManyFits), many.beta.shape, many.reasons
    (True, (2, 1), ('', ''))
    """

    specifications: tuple[Specification, ...]
    beta: NDArray[np.float64]
    beta_std_error: NDArray[np.float64]
    theta: NDArray[np.float64]
    theta_std_error: NDArray[np.float64]
    rho: NDArray[np.float64]
    rho_std_error: NDArray[np.float64]
    lam: NDArray[np.float64]
    lam_std_error: NDArray[np.float64]
    sigma2: NDArray[np.float64]
    sigma2_std_error: NDArray[np.float64]
    effects: NDArray[np.float64]
    effects_std_error: NDArray[np.float64]
    loglik: NDArray[np.float64]
    n: NDArray[np.int64]
    T: NDArray[np.int64]
    n_effective: NDArray[np.int64]
    iterations: NDArray[np.int64]
    gradient: NDArray[np.float64]
    reasons: tuple[str, ...]
    together: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.specifications)

    def __repr__(self) -> str:
        refused = int((~self.estimated).sum())
        return f"<ManyFits of {len(self)} specifications, {refused} refused>"

    @cached_property
    def estimated(self) -> NDArray[np.bool_]:
        """Whether each specification has an estimate, shape (S,)."""
        return np.isfinite(self.sigma2)

    def effect(self, term: str | int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the effects of one term in all specifications, and their delta-method errors.

        Parameters
        ----------
        term : str or int
            Name of a regressor, or its position among the regressors: the first by default.

        Returns
        -------
        estimate, std_error : ndarray, shape (S, 3)
            Direct, indirect, total; NaN where a specification lacks the term or was refused.

        Raises
        ------
        ConfigError
            If no specification has the term.
        """
        places = np.array([position(s.regressors, term) for s in self.specifications], np.int64)
        if len(places) and (places < 0).all():
            raise ConfigError(
                f"No specification has the term {term!r}.",
                expected="a regressor of some specification, or its position",
                found=offenders(dict.fromkeys(r for s in self.specifications for r in s.regressors), 12),
            )
        has = places >= 0
        found = np.full((2, len(places), len(COMPONENTS)), np.nan)
        rows = np.flatnonzero(has)
        found[0, rows] = self.effects[rows, places[has]]
        found[1, rows] = self.effects_std_error[rows, places[has]]
        return found[0], found[1]

    def to_frame(self, term: str | int = 0, level: float = 0.95, df: float | None = None) -> pd.DataFrame:
        """Return one row per specification: its choices, its estimates, and the effects of one term.

        Parameters
        ----------
        term : str or int
            Name or position of the regressor whose effects are shown: the first by default.
        level : float
            Confidence level of the intervals.
        df : float, optional
            Degrees of freedom of Student's t in intervals and p-values; by default n - 1 of each
            specification.

        Returns
        -------
        DataFrame
            Columns: the fields of a specification; ``term``; ``rho``, ``rho_std_error``, ``lam``,
            ``lam_std_error``, ``sigma2``, ``loglik``; for direct, indirect and total the estimate,
            ``_std_error``, ``_low``, ``_high``, ``_p_value``; ``n``, ``T``, ``n_effective``, ``iterations``,
            ``gradient``, ``reason``.
        """
        import pandas as pd

        estimate, error = self.effect(term)
        named = [
            s.regressors[j] if (j := position(s.regressors, term)) >= 0 else "" for s in self.specifications
        ]
        first = ("rho", "rho_std_error", "lam", "lam_std_error", "sigma2", "loglik")
        last = ("n", "T", "n_effective", "iterations", "gradient")
        return pd.DataFrame(
            {
                **self._choices(),
                "term": named,
                **{name: getattr(self, name) for name in first},
                **_with_intervals(estimate, error, self.n - 1.0 if df is None else df, level),
                **{name: getattr(self, name) for name in last},
                "reason": list(self.reasons),
            }
        )

    def coefficients(self) -> pd.DataFrame:
        """Return one row per specification and parameter.

        Returns
        -------
        DataFrame
            Columns id, parameter, estimate, std_error.
        """
        import pandas as pd

        rows = []
        for i, spec in enumerate(self.specifications):
            for j, name in enumerate(spec.regressors):
                rows.append((spec.id, name, self.beta[i, j], self.beta_std_error[i, j]))
                rows.append((spec.id, f"W_{name}", self.theta[i, j], self.theta_std_error[i, j]))
            for name in ("rho", "lam", "sigma2"):
                rows.append((spec.id, name, getattr(self, name)[i], getattr(self, f"{name}_std_error")[i]))
        frame = pd.DataFrame(rows, columns=["id", "parameter", "estimate", "std_error"])
        return frame[frame["estimate"].notna()].reset_index(drop=True)

    def refusals(self) -> pd.DataFrame:
        """Return id and reason of every specification that was refused.

        Returns
        -------
        DataFrame
            Columns id and reason; no rows where none was refused.
        """
        import pandas as pd

        refused = [(s.id, r) for s, r in zip(self.specifications, self.reasons, strict=True) if r]
        return pd.DataFrame(refused, columns=["id", "reason"])

    def _choices(self) -> dict[str, list[object]]:
        names = ("id", "model", "outcome", "weights", "effects", "correction", "sample", "covariance")
        found: dict[str, list[object]] = {
            name: [getattr(s, name) for s in self.specifications] for name in names
        }
        found["regressors"] = [" ".join(s.regressors) for s in self.specifications]
        found["durbin"] = [
            s.durbin if isinstance(s.durbin, str) else " ".join(s.durbin) for s in self.specifications
        ]
        return found


@dataclass(frozen=True, eq=False)
class ResampledFits:
    """Estimates of one design on D outcomes.

    Arrays are NaN where an outcome has no estimate.

    Attributes
    ----------
    names : tuple of str, length p
        Coefficients, ``W_`` coefficients, rho or lam, sigma2.
    terms : tuple of str, length K
        Regressors that have effects.
    values, std_errors : ndarray, shape (D, p)
        Estimates of each outcome in the order of `names`, and their errors.
    covariances : ndarray, shape (D, p, p)
        Covariance of the estimates of each outcome.
    effects, effects_std_error : ndarray, shape (D, K, 3)
        Direct, indirect and total effects, and their delta-method errors.
    loglik : ndarray, shape (D,)
        Log-likelihoods, with their constants.
    iterations : ndarray of int, shape (D,)
        Newton steps of the search for rho or lam.
    reasons : tuple of str, length D
        Why an outcome has no estimate; empty where it has.

    Examples
    --------
    >>> from shuyi.spatialpanel import SAR
    >>> from shuyi.spatialpanel.many import ResampledFits, draw_outcomes, fit_resampled
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> model = SAR(panel, weights, outcome="y", regressors=["x1"])
    >>> found = fit_resampled(model, draw_outcomes(model.fit(), draws=5))
    >>> isinstance(found, ResampledFits), found.names, found.values.shape
    (True, ('x1', 'rho', 'sigma2'), (5, 3))
    """

    names: tuple[str, ...]
    terms: tuple[str, ...]
    values: NDArray[np.float64]
    std_errors: NDArray[np.float64]
    covariances: NDArray[np.float64]
    effects: NDArray[np.float64]
    effects_std_error: NDArray[np.float64]
    loglik: NDArray[np.float64]
    iterations: NDArray[np.int64]
    reasons: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        refused = sum(1 for reason in self.reasons if reason)
        return f"<ResampledFits of {len(self)} outcomes on {', '.join(self.terms)}, {refused} refused>"

    @property
    def estimated(self) -> NDArray[np.bool_]:
        """Whether each outcome has an estimate, shape (D,)."""
        return np.isfinite(self.values[:, -1])

    def to_frame(self) -> pd.DataFrame:
        """Return one row per outcome.

        Returns
        -------
        DataFrame
            Columns parameters, log-likelihood, and the reason where it was refused.
        """
        import pandas as pd

        frame = pd.DataFrame(self.values, columns=list(self.names))
        return frame.assign(loglik=self.loglik, reason=list(self.reasons))


def student_p_values(ratio: NDArray, df: NDArray | float) -> NDArray[np.float64]:
    """Return two-sided p-values of Student's t; of the normal distribution where df is infinite.

    Parameters
    ----------
    ratio : ndarray
        Estimates over their errors.
    df : ndarray or float
        Degrees of freedom, of a shape that broadcasts with `ratio`.

    Returns
    -------
    ndarray, shape of `ratio`
        Between zero and one.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.many.results import student_p_values
    >>> student_p_values(np.array([2.042, -1.96]), np.array([30.0, np.inf])).round(3)
    array([0.05, 0.05])
    """
    from scipy.special import ndtr, stdtr

    finite = np.where(np.isfinite(df), df, 1.0)
    tail = -np.abs(ratio)
    return np.where(np.isinf(df), 2 * ndtr(tail), 2 * stdtr(finite, tail))


def _with_intervals(
    estimate: NDArray, error: NDArray, df: NDArray | float, level: float
) -> dict[str, NDArray[np.float64]]:
    """Return estimate, error, interval and p-value of each component of effects of shape (S, 3)."""
    from scipy.special import ndtri, stdtrit

    degrees = np.where(np.asarray(df, float) > 0, df, np.nan)
    finite = np.where(np.isfinite(degrees), degrees, 1.0)
    reach = np.where(np.isinf(degrees), ndtri(0.5 + level / 2), stdtrit(finite, 0.5 + level / 2))
    columns = {}
    for j, name in enumerate(COMPONENTS):
        value, own = estimate[:, j], error[:, j]
        ratio = np.divide(value, own, out=np.full_like(value, np.nan), where=own > 0)
        columns[name], columns[f"{name}_std_error"] = value, own
        columns[f"{name}_low"], columns[f"{name}_high"] = value - reach * own, value + reach * own
        columns[f"{name}_p_value"] = student_p_values(ratio, degrees)
    return columns
