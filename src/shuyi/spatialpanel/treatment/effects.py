"""Coefficients under re-assigned paths, and effects of the treatment that took place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, IdentificationError
from shuyi.spatialpanel.effects import p_value, reference_quantile
from shuyi.spatialpanel.transforms import within
from shuyi.spatialpanel.treatment.assignments import identified, share_as_large
from shuyi.weights import Weights

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit
    from shuyi.spatialpanel.treatment.assignments import Assignments
    from shuyi.spatialpanel.treatment.paths import Treatment

CHUNK = 2**22
"""Numbers held at a time."""

DETECTABLE = 2.8
"""Standard errors that a two-sided 5 per cent test detects with 80 per cent power (1.96 + 0.84)."""


@dataclass(frozen=True, eq=False)
class PermutationTest:
    """Coefficients of a treatment and their distribution over re-assigned paths.

    Attributes
    ----------
    estimate : ndarray, shape (k,)
        Of the treatment, and of the exposure where weights were given.
    spread : ndarray, shape (k,)
        Standard deviation over the assignments, where the hypothesis of no effect holds.
    p_value : ndarray, shape (k,)
        Two-sided.
    detectable : ndarray, shape (k,)
        `DETECTABLE` times the spread: the smallest effect that is found with 80 per cent power.
    draws : int
        Number of assignments, what took place among them.
    exact : bool
        Whether these are all.
    """

    estimate: NDArray[np.float64]
    spread: NDArray[np.float64]
    p_value: NDArray[np.float64]
    detectable: NDArray[np.float64]
    draws: int
    exact: bool


def permutation_test(
    outcome: NDArray[np.float64],
    treatment: Treatment,
    found: Assignments,
    *,
    weights: Any = None,
    controls: NDArray[np.float64] | None = None,
) -> PermutationTest:
    """Return the coefficients of ``y = b D (+ g W D) + x c + unit + period`` by least squares, and p-values.

    Assignments under which the coefficients are not identified are left out of the distribution.

    Parameters
    ----------
    outcome : ndarray, shape (T, n)
        In the order of the treatment's periods and units.
    treatment : Treatment
        What took place.
    found : Assignments
        From `assignments`.
    weights : Weights, or what `Weights.coerce` takes, optional
        Of the exposure; without them the treatment stands alone.
    controls : ndarray, shape (T, n, m), optional
        Further regressors, which keep their units.

    Returns
    -------
    PermutationTest
        Two-sided p-values by the absolute coefficient.

    Raises
    ------
    IdentificationError
        If treatment and exposure cannot be told apart in what took place.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.treatment import Treatment, assignments, permutation_test
    >>> treatment = Treatment({"a": 3}, tuple("abcdefghij"), (1, 2, 3, 4))
    >>> outcome = np.random.default_rng(1).standard_normal((4, 10)) + 9 * treatment.paths
    >>> test = permutation_test(outcome, treatment, assignments(treatment))
    >>> test.exact, round(float(test.p_value[0]), 2)
    (True, 0.1)
    """
    weights = None if weights is None else Weights.coerce(weights)
    y = within(outcome, "twoways").ravel()
    basis = None
    if controls is not None and controls.shape[-1]:
        columns = within(controls, "twoways").reshape(-1, controls.shape[-1])
        basis = np.linalg.qr(columns)[0]
        y = y - basis @ (basis.T @ y)
    each = max(1, CHUNK // outcome.size)
    parts = [
        _coefficients(y, treatment.paths[:, found.sources[start : start + each]], weights, basis)
        for start in range(0, len(found.sources), each)
    ]
    values = np.vstack(parts)
    if not np.isfinite(values[0]).all():
        raise IdentificationError(
            "Treatment and exposure cannot be told apart.",
            expected="untreated units of which some have treated neighbours and some have none",
            found="an exposure that follows from treatment, unit and period",
            remedy="estimate without spillovers, or use other weights",
        )
    known = values[np.isfinite(values).all(axis=1)]
    spread = known.std(axis=0, ddof=0)
    share = share_as_large(np.abs(known))
    return PermutationTest(values[0], spread, share, DETECTABLE * spread, len(known), found.exact)


def _coefficients(
    y: NDArray, paths: NDArray, weights: Weights | None, basis: NDArray | None
) -> NDArray[np.float64]:
    """Return coefficients of each assignment, shape (P, k); NaN where they are not identified.

    Parameters
    ----------
    y : ndarray, shape (Tn,)
        Outcome without effects and controls.
    paths : ndarray, shape (T, P, n)
        Treatment by period, assignment and unit.
    weights : Weights or None
        Of the exposure.
    basis : ndarray, shape (Tn, m), or None
        Orthonormal basis of the controls.
    """
    columns = np.moveaxis(paths, 0, 1)
    sides = [columns] if weights is None else [columns, columns @ weights.to_dense().T]
    x = np.stack(sides, axis=-1)
    x = x - x.mean(axis=1, keepdims=True) - x.mean(axis=2, keepdims=True) + x.mean(axis=(1, 2), keepdims=True)
    x = x.reshape(len(x), -1, len(sides))
    if basis is not None:
        x = x - basis @ (basis.T @ x)
    gram, moment = np.swapaxes(x, 1, 2) @ x, np.einsum("pik,i->pk", x, y)
    known = identified(gram)
    values = np.full(moment.shape, np.nan)
    values[known] = np.linalg.solve(gram[known], moment[known][..., None])[..., 0]
    return values


@dataclass(frozen=True, eq=False)
class ActualEffects:
    """Average effects of a treatment that took place, on the treated and on the untreated exposed units.

    Attributes
    ----------
    estimate, std_error : ndarray, shape (2,)
        On treated units and on exposed untreated units, averaged over their periods under the treatment.
    df : float
        Degrees of freedom of Student's t that intervals and p-values refer to.
    """

    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    df: float

    @property
    def p_values(self) -> NDArray[np.float64]:
        """Two-sided p-values; NaN where there is no such unit."""
        pairs = zip(self.estimate, self.std_error, strict=True)
        return np.array([p_value(b / s, self.df) if s > 0 else np.nan for b, s in pairs])

    def interval(self, level: float = 0.95) -> NDArray[np.float64]:
        """Return bounds of each effect.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level.

        Returns
        -------
        ndarray, shape (2, 2)
            Lower and upper bound by effect.
        """
        half = reference_quantile(level, self.df)[0] * self.std_error
        return np.stack([self.estimate - half, self.estimate + half], axis=-1)


def actual_effects(fit: Fit, treatment: Treatment, term: str, weights: Any) -> ActualEffects:
    """Return the effects of the treatment that took place, not of treating every unit.

    The response to the paths D is ``S (b D + th W D)`` with ``S = (I - rho W)^-1`` (the identity without
    rho): of it the average over treated units and periods, and over untreated units with a treated neighbour
    in the periods in which they have one. Errors by the delta method.

    Parameters
    ----------
    fit : Fit
        Of a model with the treatment among its regressors; fixed weights.
    treatment : Treatment
        What took place.
    term : str
        The regressor that holds the treatment's paths.
    weights : Weights, or what `Weights.coerce` takes
        Of the model, or those that define exposure where the model has none.

    Returns
    -------
    ActualEffects
        NaN where no untreated unit is exposed.

    Raises
    ------
    ConfigError
        If the fit has no such regressor.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.panel import Panel
    >>> from shuyi.spatialpanel import SLX
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.treatment import Treatment, actual_effects
    >>> weights = lattice(4)
    >>> treatment = Treatment({weights.labels[0]: 3}, weights.labels, (1, 2, 3, 4))
    >>> noise = np.random.default_rng(1).normal(scale=0.01, size=(4, 16))
    >>> values = np.stack([2 * treatment.paths + noise, treatment.paths], axis=-1)
    >>> panel = Panel(values, weights.labels, (1, 2, 3, 4), ("y", "policy"))
    >>> fit = SLX(panel, weights, outcome="y", regressors=["policy"]).fit()
    >>> actual_effects(fit, treatment, "policy", weights).estimate.round(1)
    array([2., 0.])
    """
    if term not in fit.names:
        raise ConfigError(
            "The treatment is not a regressor of the fit.",
            expected=f"one of {', '.join(fit.regressors)}",
            found=repr(term),
        )
    lagged = f"W_{term}"
    names = [name for name in (term, lagged, "rho") if name in fit.names]
    places = [fit.names.index(name) for name in names]
    b, th, rho = (float(fit.values[fit.names.index(n)]) if n in names else 0.0 for n in (term, lagged, "rho"))
    w, paths = Weights.coerce(weights).to_dense(), treatment.paths
    spread = np.linalg.inv(np.eye(len(w)) - rho * w)
    near = paths @ w.T
    response = (b * paths + th * near) @ spread.T
    derivatives = {term: paths @ spread.T, lagged: near @ spread.T, "rho": response @ w.T @ spread.T}
    masks = [paths > 0, (paths == 0) & (near > 0) & ~(paths > 0).any(axis=0)]
    estimate = np.array([response[m].mean() if m.any() else np.nan for m in masks])
    slopes = np.array([[derivatives[n][m].mean() if m.any() else np.nan for n in names] for m in masks])
    cov = fit.covariance_matrix[np.ix_(places, places)]
    error = np.sqrt(np.einsum("ai,ij,aj->a", slopes, cov, slopes))
    return ActualEffects(estimate, error, float(fit.df_reference))
