"""Bootstrap p-values of tests: outcomes drawn under the null, the same statistic on each of them.

A test of independent errors rejects too often where errors and regressors are both serially correlated, and a
chi-squared reference is too narrow for few units. Here the null model is estimated, outcomes

    y* = (I - rho W1)^{-1} (X b + W Z th + (I - lam W2)^{-1} u*)

are drawn from it with the regressors as they are, and the p-value is ``(1 + #{s* >= s}) / (1 + draws)``. The
errors u* are

==================  =========================================================================================
``ar1``             normal AR(1), independent between units, whose coefficient a gives residuals of this
                    design the autocorrelation that they have (`autocorrelation`); a random effect of the
                    units beside it where the null has one
``wild_cluster``    residual histories of whole units times a Rademacher number per unit: any serial
                    correlation and any variance by unit, but the dependence between units stays out
==================  =========================================================================================

Fixed effects are left out of the drawn outcomes where statistic and null model remove them.

Davidson and MacKinnon (1999); Cameron, Gelbach and Miller (2008); Burridge and Fingleton (2010).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConvergenceError, IdentificationError, check_known
from shuyi.spatialpanel.covariance.parts import distinct_pairs
from shuyi.spatialpanel.diagnostics.autocorrelation import autocorrelation, expected_autocorrelation
from shuyi.spatialpanel.diagnostics.result import TestResult, check_draws
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
from shuyi.spatialpanel.likelihood import residuals as innovations
from shuyi.spatialpanel.montecarlo.simulate import autoregressive
from shuyi.spatialpanel.prediction import regressors
from shuyi.spatialpanel.resampling import multiplier

if TYPE_CHECKING:
    from numpy.random import Generator
    from numpy.typing import NDArray

KINDS = ("ar1", "wild_cluster")
MAX_AR = 0.985
"""Largest coefficient that errors are drawn with: beyond it demeaned errors hardly change."""

MAX_REFUSED = 0.1
"""Share of draws without a statistic beyond which there is no p-value."""

REFERENCE = "Davidson and MacKinnon (1999); Cameron, Gelbach and Miller (2008)"

Statistics = Callable[["NDArray[np.float64]"], "NDArray[np.float64]"]
"""Takes an outcome of shape (T, n) and returns the statistics of one or more tests, shape (q,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """Errors that are drawn under a null.

    Attributes
    ----------
    kind : {"ar1", "wild_cluster"}
        How errors are drawn, see `resampling`.
    residuals : ndarray, shape (T, n)
        Histories for ``wild_cluster``.
    coefficient : float
        AR(1) coefficient for ``ar1``.
    spread : float
        Standard deviation of the AR(1).
    unit_spread : float
        Standard deviation of a random effect of the units.
    """

    kind: str
    residuals: NDArray[np.float64]
    coefficient: float
    spread: float
    unit_spread: float = 0.0

    def draw(self, rng: Generator) -> NDArray[np.float64]:
        """Return errors of shape (T, n).

        Parameters
        ----------
        rng : numpy.random.Generator
            Random numbers.

        Returns
        -------
        ndarray, shape (T, n)
            One draw.
        """
        T, n = self.residuals.shape
        if self.kind == "wild_cluster":
            return self.residuals * multiplier(rng, "rademacher", (1, n))
        drawn = autoregressive(rng.standard_normal((T, n)), self.coefficient) * self.spread
        return drawn + self.unit_spread * rng.standard_normal(n) if self.unit_spread else drawn


@dataclass(frozen=True, slots=True, eq=False)
class NullModel:
    """Outcomes under a null hypothesis.

    Attributes
    ----------
    base : ndarray, shape (T, n)
        Reduced form without errors.
    carriers : tuple of (ndarray of shape (n, n) or None, list of int)
        What multiplies the errors of the periods that share their weights; None is the identity.
    errors : Errors
        Errors that the outcomes hold.
    """

    base: NDArray[np.float64]
    carriers: tuple[tuple[NDArray[np.float64] | None, list[int]], ...]
    errors: Errors

    def draw(self, rng: Generator) -> NDArray[np.float64]:
        """Return an outcome of shape (T, n).

        Parameters
        ----------
        rng : numpy.random.Generator
            Random numbers.

        Returns
        -------
        ndarray, shape (T, n)
            One draw.
        """
        u = self.errors.draw(rng)
        y = self.base.copy()
        for carrier, periods in self.carriers:
            y[periods] += u[periods] if carrier is None else u[periods] @ carrier.T
        return y


def bootstrap_test(
    observed: Sequence[TestResult], null: NullModel, statistics: Statistics, *, draws: int = 999, seed: int
) -> tuple[TestResult, ...]:
    """Return tests with the p-values of the bootstrap instead of their own.

    Parameters
    ----------
    observed : sequence of TestResult, length q
        Tests of one null hypothesis; large values of their statistics reject.
    null : NullModel
        What outcomes are drawn from.
    statistics : callable
        Takes an outcome of shape (T, n) and returns the statistics of `observed`, shape (q,). A draw for
        which it raises ConvergenceError or IdentificationError is left out.
    draws : int
        Outcomes drawn; with 999 a p-value of .05 has a simulation error of .007.
    seed : int
        Draw r comes from child r of ``SeedSequence(seed)``.

    Returns
    -------
    tuple of TestResult
        ``distribution="bootstrap"``, with ``draws`` and ``seed``; the note states kind, coefficient, draws.

    Raises
    ------
    ConfigError
        If there are no draws, or the seed is negative.
    ConvergenceError
        If more than a tenth of the draws have no statistic.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics.result import chi_squared
    >>> e = np.random.default_rng(1).standard_normal((9, 31))
    >>> null = NullModel(np.zeros((9, 31)), ((None, list(range(9))),), Errors("wild_cluster", e, 0.0, 1.0))
    >>> size = lambda y: np.array([abs(y.mean())])
    >>> observed = chi_squared("mean", "zero", size(e)[0], 1)
    >>> bootstrap_test([observed], null, size, draws=99, seed=1)[0].draws
    99
    """
    check_draws(draws, seed)
    values = np.array([_values(statistics, null, seed, r, len(observed)) for r in range(draws)])
    used = values[np.isfinite(values).all(axis=1)]
    if len(used) < (1 - MAX_REFUSED) * draws:
        raise ConvergenceError(
            f"The bootstrap of {observed[0].test} has too few statistics.",
            expected=f"a statistic for {1 - MAX_REFUSED:.0%} of the draws",
            found=f"{len(used)} of {draws}",
            remedy="the null model lies at the edge of its parameter space: use another test",
        )
    return tuple(
        replace(
            test,
            p_value=float((1 + (drawn >= test.statistic).sum()) / (1 + len(drawn))),
            distribution="bootstrap",
            note=_note(test.note, null.errors, len(drawn), seed),
            draws=len(drawn),
            seed=seed,
        )
        for test, drawn in zip(observed, used.T, strict=True)
    )


def null_model(
    problem: LikelihoodProblem,
    point: Point,
    *,
    kind: str = "ar1",
    errors: Errors | None = None,
) -> NullModel:
    """Return the outcomes of an estimated static model, fixed effects left out.

    Parameters
    ----------
    problem : LikelihoodProblem
        Of the null model.
    point : Point
        Its estimate.
    kind : {"ar1", "wild_cluster"}
        See the module.
    errors : Errors, optional
        Instead of those that the null model's own residuals imply: where the null leaves effects out, take
        them from the general model (`errors_of`).

    Returns
    -------
    NullModel
        Its reduced form and errors.

    Raises
    ------
    ConfigError
        If the kind is unknown.
    """
    design = problem.design
    mean = regressors(problem, design.x) @ point.beta
    base = np.empty_like(mean)
    carriers: list[tuple[NDArray[np.float64] | None, list[int]]] = []
    for lag, error, periods in distinct_pairs(problem) or [(None, None, list(range(design.T)))]:
        spread = None if lag is None else _inverse(point.rho * lag.to_dense())
        base[periods] = mean[periods] if spread is None else mean[periods] @ spread.T
        if error is not None:
            inverse = _inverse(point.lam * error.to_dense())
            spread = inverse if spread is None else spread @ inverse
        carriers.append((spread, periods))
    return NullModel(base, tuple(carriers), errors or errors_of(problem, point, kind=kind))


def errors_of(problem: LikelihoodProblem, point: Point, *, kind: str = "ar1") -> Errors:
    """Return errors like those of an estimated static model with fixed effects or none.

    Parameters
    ----------
    problem : LikelihoodProblem
        Transformed data of the model.
    point : Point
        Estimate of the model.
    kind : {"ar1", "wild_cluster"}
        See the module.

    Returns
    -------
    Errors
        To draw from.

    Raises
    ------
    ConfigError
        If the kind is unknown.
    DataError, IdentificationError
        See `autocorrelation.autocorrelation`.
    """
    x = problem.x if problem.x.shape[2] else None
    return errors_from(innovations(problem, point), problem.convention.effects, x, kind=kind)


def errors_from(
    e: NDArray[np.float64], effects: str, x: NDArray[np.float64] | None = None, *, kind: str = "ar1"
) -> Errors:
    """Return errors like residuals that effects and regressors were removed from.

    Parameters
    ----------
    e : ndarray, shape (T, n)
        Residuals, effects and regressors removed.
    effects : {"pooled", "individual", "time", "twoways"}
        Effects that the model removes.
    x : ndarray, shape (T, n, k), optional
        Regressors, without an intercept.
    kind : {"ar1", "wild_cluster"}
        How errors are drawn, see `resampling`.

    Returns
    -------
    Errors
        To draw from.

    Raises
    ------
    ConfigError
        If the kind or the effects are unknown.
    DataError, IdentificationError
        See `autocorrelation.autocorrelation`.
    """
    check_known(kind, KINDS, "bootstrap of a test")
    if kind == "wild_cluster":
        return Errors(kind, e, 0.0, 1.0)
    expected = expected_autocorrelation(e.shape[0], e.shape[1], effects, x)
    coefficient = min(expected.invert(autocorrelation(e)[0]), MAX_AR)
    square = float(np.interp(coefficient, expected.coefficient, expected.square))
    return Errors(kind, e, coefficient, float(np.sqrt((e * e).sum() / square)))


def _values(
    statistics: Statistics, null: NullModel, seed: int, number: int, count: int
) -> NDArray[np.float64]:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(number,)))
    try:
        return statistics(null.draw(rng))
    except (ConvergenceError, IdentificationError):
        return np.full(count, np.nan)


def _inverse(scaled: NDArray) -> NDArray[np.float64]:
    found: NDArray[np.float64] = np.linalg.inv(np.eye(len(scaled)) - scaled)
    return found


def _note(note: str, errors: Errors, draws: int, seed: int) -> str:
    how = f"AR(1) {errors.coefficient:.2f}" if errors.kind == "ar1" else "wild by whole units"
    return "; ".join(part for part in (note, f"bootstrap: {how}, {draws} draws, seed {seed}") if part)
