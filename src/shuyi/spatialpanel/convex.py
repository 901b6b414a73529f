"""Convex combinations of two or three weights: posterior of the shares on a lattice of the simplex.

``W(g) = sum_k g_k W_k`` with shares g on the simplex, whose prior is flat. At every point of the lattice the
marginal likelihood is that of `marginal`, with the admissible interval and the exact log-determinant of W(g)
itself: no Taylor series, which fails for spatial parameters near one. Between points densities are linear.
Debarsy and LeSage (2018) sample the same posterior.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, check_known, offenders
from shuyi.spatialpanel.marginal import PRIORS, marginal_likelihood
from shuyi.spatialpanel.model_selection import COMPARED, LIKELIHOODS, likelihood_problem
from shuyi.spatialpanel.models import MODELS
from shuyi.weights import Weights

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

FEWEST, MOST = 2, 3
"""Weights that are combined: one panel cannot tell more apart."""


@dataclass(frozen=True, slots=True, eq=False)
class ConvexCombination:
    """Posterior of the shares of several weights.

    Attributes
    ----------
    parts : tuple of Weights
        The weights that are combined, in the order of `names`.
    names : tuple of str, length m
        Their names.
    points : ndarray, shape (G, m)
        Shares at the points of the lattice; rows sum to one.
    log_marginal : ndarray, shape (G,)
        Logarithm of the marginal likelihood at each point.
    steps : int
        Number of steps from zero to one.

    Examples
    --------
    >>> from shuyi.spatialpanel.convex import convex_combination
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> rook = lattice(5)
    >>> panel = simulate("sar", rook, 12, seed=1, rho=0.5)
    >>> names = {"rook": rook, "same": rook}
    >>> found = convex_combination(panel, names, outcome="y", regressors=["x1"], model="sar", steps=4)
    >>> found.mean.round(2)
    array([0.5, 0.5])
    """

    parts: tuple[Weights, ...]
    names: tuple[str, ...]
    points: NDArray[np.float64]
    log_marginal: NDArray[np.float64]
    steps: int

    @property
    def best(self) -> NDArray[np.float64]:
        """Shares at the most probable point, shape (m,)."""
        return self.points[int(np.argmax(self.log_marginal))]

    @property
    def is_at_edge(self) -> bool:
        """Whether the most probable point leaves out at least one of the weights."""
        return bool((self.best == 0.0).any())

    @property
    def mean(self) -> NDArray[np.float64]:
        """Posterior means of the shares, shape (m,)."""
        values = np.linspace(0.0, 1.0, self.steps + 1)
        return np.array([_trapezoid(values * d, values) for d in map(self.density, range(len(self.names)))])

    @property
    def log_evidence(self) -> float:
        """Logarithm of the marginal likelihood averaged over the simplex."""
        top = float(self.log_marginal.max())
        flat = self._profile(0, np.ones(len(self.points)))
        values = np.linspace(0.0, 1.0, self.steps + 1)
        mass = self._profile(0, np.exp(self.log_marginal - top))
        return top + float(np.log(_trapezoid(mass, values) / _trapezoid(flat, values)))

    def density(self, part: int) -> NDArray[np.float64]:
        """Return the posterior density of one share at ``0, 1/steps, ..., 1``.

        Parameters
        ----------
        part : int
            Position among the names.

        Returns
        -------
        ndarray, shape (steps + 1,)
            Integrates to one.
        """
        mass = self._profile(part, np.exp(self.log_marginal - self.log_marginal.max()))
        return mass / _trapezoid(mass, np.linspace(0.0, 1.0, self.steps + 1))

    def interval(self, level: float = 0.95) -> NDArray[np.float64]:
        """Return equal-tailed posterior intervals of the shares.

        Parameters
        ----------
        level : float, default 0.95
            Posterior probability inside.

        Returns
        -------
        ndarray, shape (m, 2)
            Ends by share.
        """
        tails = (0.5 - level / 2, 0.5 + level / 2)
        return np.array([[_quantile(self.density(k), p) for p in tails] for k in range(len(self.names))])

    def prior_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the equal-tailed interval of a share under the flat prior: without any data.

        Parameters
        ----------
        level : float, default 0.95
            Prior probability inside.

        Returns
        -------
        (float, float)
            Quantiles of Beta(1, m - 1).
        """
        power = 1.0 / (len(self.names) - 1)
        low, high = (float(1.0 - (0.5 + sign * level / 2) ** power) for sign in (1, -1))
        return low, high

    def weights(self, shares: Sequence[float] | None = None) -> Weights:
        """Return the combined weights.

        Parameters
        ----------
        shares : sequence of float, optional
            Shares by part; the most probable ones by default.

        Returns
        -------
        Weights
            Of kind ``"convex"``.
        """
        return combined(self.parts, self.best if shares is None else shares)

    def to_frame(self, level: float = 0.95) -> pd.DataFrame:
        """Return one row per share.

        Parameters
        ----------
        level : float, default 0.95
            Posterior probability of the intervals.

        Returns
        -------
        DataFrame
            Columns weights, mean, low, high, best, prior_low, prior_high.
        """
        import pandas as pd

        ends, (low, high) = self.interval(level), self.prior_interval(level)
        return pd.DataFrame(
            {
                "weights": list(self.names),
                "mean": self.mean,
                "low": ends[:, 0],
                "high": ends[:, 1],
                "best": self.best,
                "prior_low": low,
                "prior_high": high,
            }
        )

    def _profile(self, part: int, mass: NDArray) -> NDArray[np.float64]:
        """Integrate over the other shares at each value of one, shape (steps + 1,)."""
        place = np.rint(self.points * self.steps).astype(int)
        if len(self.names) == FEWEST:
            return mass[np.argsort(place[:, part])]
        other = (part + 1) % len(self.names)
        found = np.zeros(self.steps + 1)
        for value in range(self.steps + 1):
            line = np.flatnonzero(place[:, part] == value)
            line = line[np.argsort(place[line, other])]
            found[value] = _trapezoid(mass[line], self.points[line, other])
        return found


def convex_combination(
    data: Any,
    weights: Mapping[str, Weights],
    *,
    outcome: str,
    regressors: Sequence[str],
    model: str = "sdm",
    durbin: str | Sequence[str] = "all",
    effects: str = "twoways",
    correction: str = "lee_yu",
    prior: str = "unit_information",
    steps: int = 20,
    islands: str = "refuse",
) -> ConvexCombination:
    """Return the posterior of the shares of two or three weights in one model.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : mapping of str to Weights
        Two or three, of the panel's units.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    model : {"slx", "sar", "sem", "sdm", "sdem"}, default "sdm"
        All its spatial lags use the combined weights.
    durbin : "all" or sequence of str, default "all"
        Spatially lagged regressors of SLX, SDM and SDEM.
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        Fixed effects of the model.
    correction : {"lee_yu", "exact", "demean_then_lag"}, default "lee_yu"
        Whose likelihood is integrated.
    prior : {"unit_information", "diffuse"}, default "unit_information"
        Of the coefficients (see `marginal`).
    steps : int, default 20
        Steps of the lattice from zero to one.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with a unit without neighbours.

    Returns
    -------
    ConvexCombination
        Shares with their posterior.

    Raises
    ------
    ConfigError
        If there are not two or three weights, or an option is unknown.
    ShuyiError
        Whatever the model refuses.

    Examples
    --------
    >>> from shuyi.spatialpanel.convex import convex_combination
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> rook = lattice(5)
    >>> twice = rook.to_dense() @ rook.to_dense()
    >>> twice[range(25), range(25)] = 0.0
    >>> second = type(rook)(twice, rook.labels).normalise("row")
    >>> panel = simulate("sar", rook, 20, seed=1, rho=0.6)
    >>> options = {"outcome": "y", "regressors": ["x1"], "model": "sar", "steps": 10}
    >>> convex_combination(panel, {"rook": rook, "second": second}, **options).best
    array([1., 0.])
    """
    _check(weights, model, correction, prior, steps)
    parts = tuple(Weights.coerce(w) for w in weights.values())
    points = simplex(len(parts), steps)
    kind = MODELS[model]
    logs = []
    for shares in points:
        specified = kind(
            data,
            combined(parts, shares),
            outcome=outcome,
            regressors=regressors,
            durbin=durbin if kind.terms.durbin else None,
            effects=effects,
            islands=islands,
        )
        logs.append(marginal_likelihood(likelihood_problem(specified, correction), prior).log_likelihood)
    return ConvexCombination(parts, tuple(weights), points, np.array(logs), steps)


def simplex(parts: int, steps: int) -> NDArray[np.float64]:
    """Return the points of a regular lattice of the simplex.

    Parameters
    ----------
    parts : int
        Number of shares.
    steps : int
        Steps from zero to one.

    Returns
    -------
    ndarray, shape (G, parts)
        Rows sum to one; the last share varies slowest.

    Examples
    --------
    >>> from shuyi.spatialpanel.convex import simplex
    >>> simplex(2, 2).tolist()
    [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]]
    >>> len(simplex(3, 20))
    231
    """
    rest = [p[::-1] for p in product(range(steps + 1), repeat=parts - 1) if sum(p) <= steps]
    return np.array([(steps - sum(p), *p) for p in rest], dtype=float) / steps


def combined(parts: Sequence[Weights], shares: Sequence[float] | NDArray) -> Weights:
    """Return a convex combination of weights on the same units.

    Parameters
    ----------
    parts : sequence of Weights
        Of the same units in the same order.
    shares : sequence of float
        Non-negative, summing to one.

    Returns
    -------
    Weights
        Of kind ``"convex"``; its rows sum to one where those of all parts do.

    Raises
    ------
    ConfigError
        If the units differ, or the shares are not on the simplex.

    Examples
    --------
    >>> from shuyi.spatialpanel.convex import combined
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> combined([lattice(3), lattice(3)], [0.3, 0.7]).is_row_standardised
    True
    """
    first = parts[0]
    if any(part.labels != first.labels for part in parts):
        raise ConfigError("Combined weights need the same units in the same order.", remedy="call reindex")
    shares = np.asarray(shares, dtype=float)
    if len(shares) != len(parts) or (shares < 0).any() or abs(shares.sum() - 1.0) > 1e-9:
        raise ConfigError(
            "Shares of combined weights lie on the simplex.",
            expected=f"{len(parts)} numbers of at least zero that sum to one",
            found=offenders(shares),
        )
    matrix = sum(
        (g * part.to_dense() for g, part in zip(shares, parts, strict=True)), np.zeros((first.n,) * 2)
    )
    found = Weights(matrix, first.labels, "convex", definition={"shares": shares.tolist()})
    return found.normalise("row") if all(part.is_row_standardised for part in parts) else found


def _trapezoid(values: NDArray, at: NDArray) -> float:
    return float(np.trapezoid(values, at)) if len(values) > 1 else 0.0


def _quantile(density: NDArray, p: float) -> float:
    """Return a quantile of a density that is linear between equally spaced points of [0, 1]."""
    values = np.linspace(0.0, 1.0, len(density))
    fine = np.linspace(0.0, 1.0, 50 * (len(density) - 1) + 1)
    between = np.interp(fine, values, density)
    cumulated = np.concatenate([[0.0], np.cumsum(0.5 * (between[1:] + between[:-1]) * np.diff(fine))])
    return float(np.interp(p, cumulated / cumulated[-1], fine))


def _check(weights: Mapping[str, Any], model: str, correction: str, prior: str, steps: int) -> None:
    if not FEWEST <= len(weights) <= MOST:
        raise ConfigError(
            "A convex combination is one of two or three weights: more cannot be told apart.",
            expected=f"{FEWEST} or {MOST} weights by name",
            found=f"{len(weights)}: {offenders(weights)}",
        )
    check_known(model, COMPARED, "model of a convex combination")
    check_known(correction, LIKELIHOODS, "correction whose likelihood can be integrated")
    check_known(prior, PRIORS, "prior")
    if steps < FEWEST:
        raise ConfigError("A lattice has at least two steps.", found=str(steps))
