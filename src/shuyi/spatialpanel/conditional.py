"""Effects at given values of a moderator, and effects averaged over some of the units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import ConfigError, check_known, did_you_mean, offenders
from shuyi.spatialpanel.effects import Spillover

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLES = ("receiving", "sending")

CHUNK = 4_000_000
"""Largest number of elements of a stack of n x n matrices."""


@dataclass(frozen=True, slots=True, eq=False)
class UnitSpillover(Spillover):
    """The functions of rho that carry W into the effects of some units.

    With ``G = (I - rho W)^{-1} W`` and U the units, ``c = mean_{i in U} G_ii``; d is the mean over U of the
    row sums of G where the units receive (they respond to a change everywhere), and of its column sums where
    they send (everyone responds to a change in one of them). Costs one n x n solve per value of rho.

    Attributes
    ----------
    positions : tuple of int, default empty
        Positions of the units U.
    role : {"receiving", "sending"}, default "receiving"
        Whether the units respond, or are where the change happens.
    """

    positions: tuple[int, ...] = ()
    role: str = "receiving"

    @property
    def is_row_standardised(self) -> bool:
        """Whether the total effect of these units is (b + th)/(1 - rho)."""
        receives = self.role == "receiving" and bool(self.weights)
        return receives and all(w.is_row_standardised for w in self.weights)

    def trace(self, rho: NDArray) -> NDArray[np.float64]:
        """Return c, in the shape of rho.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            c at each rho.
        """
        return self._mean(rho, lambda g: np.diagonal(g, axis1=1, axis2=2))

    def total(self, rho: NDArray) -> NDArray[np.float64]:
        """Return d, in the shape of rho.

        Parameters
        ----------
        rho : ndarray
            Values of rho, in an array of any shape.

        Returns
        -------
        ndarray, shape of rho
            d at each rho.
        """
        axis = 2 if self.role == "receiving" else 1
        return self._mean(rho, lambda g: g.sum(axis=axis))

    def slopes(self, rho: float) -> tuple[float, float]:
        """Return the derivatives of c and d: the same of ``G G``.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        (float, float)
            Derivatives of c and of d.
        """
        axis = 2 if self.role == "receiving" else 1
        at = np.array(rho)
        c = self._mean(at, lambda g: np.diagonal(g @ g, axis1=1, axis2=2))
        return float(c), float(self._mean(at, lambda g: (g @ g).sum(axis=axis)))

    def _mean(self, rho: NDArray, of: Callable[[NDArray], NDArray]) -> NDArray[np.float64]:
        flat = np.asarray(rho, float).reshape(-1)
        found = np.zeros(len(flat))
        for weights, share in zip(self.weights, self.shares, strict=True):
            w = weights.to_dense()
            step = max(1, CHUNK // w.size)
            for start in range(0, len(flat), step):
                part = slice(start, start + step)
                found[part] += share * of(_multiplied(w, flat[part]))[:, list(self.positions)].mean(axis=1)
        return found.reshape(np.shape(rho))


def _multiplied(w: NDArray, rho: NDArray) -> NDArray[np.float64]:
    """Return ``(I - rho W)^{-1} W``, shape (m, n, n)."""
    systems = np.eye(len(w)) - rho[:, None, None] * w
    return np.linalg.solve(systems, np.broadcast_to(w, systems.shape))


def unit_spillover(whole: Spillover, units: Sequence[str], known: tuple[str, ...], role: str) -> Spillover:
    """Return the spillover of some units.

    Parameters
    ----------
    whole : Spillover
        Of all units.
    units : str or sequence of str
        Labels of the units.
    known : tuple of str, length n
        Units of the model.
    role : {"receiving", "sending"}
        Whether the units respond, or are where the change happens.

    Returns
    -------
    Spillover
        That of the named units.

    Raises
    ------
    ConfigError
        If the role or a unit is unknown, or no unit is named.
    """
    check_known(role, ROLES, "role of units")
    names = [units] if isinstance(units, str) else [str(u) for u in units]
    unknown = [u for u in names if u not in known]
    if unknown or not names:
        raise ConfigError(
            "Effects of units that the model has not.",
            expected=f"units among {offenders(known)}",
            found=offenders(unknown) or "no unit",
            remedy=did_you_mean(unknown[0], known) if unknown else "name one or more",
        )
    positions = tuple(known.index(u) for u in names)
    return UnitSpillover(whole.weights, whole.shares, whole.method, positions, role)


def interaction_coefficients(
    names: Sequence[str],
    regressors: Sequence[str],
    term: str,
    moderator: str,
    values: Sequence[float],
    product: str | None,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Pick the coefficients ``b + m b_product`` and ``th + m th_product`` at each value m of a moderator.

    Parameters
    ----------
    names : sequence of str, length p
        Parameters of the model.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    term : str
        Name of a regressor.
    moderator : str
        Name of the variable that the effect depends on.
    values : sequence of float
        Values of the moderator.
    product : str or None
        Regressor that holds the product; ``"term:moderator"`` where None.

    Returns
    -------
    pick : ndarray, shape (2 K + 1, p)
        What the coefficients are of the model's parameters.
    labels : tuple of str, length K
        One term per value.

    Raises
    ------
    ConfigError
        If term or product is no regressor, or there are no values.
    """
    product = product or f"{term}:{moderator}"
    absent = [name for name in (term, product) if name not in regressors]
    if absent:
        raise ConfigError(
            "The effect of an interaction needs the variable and its product with the moderator.",
            expected=f"regressors {term!r} and {product!r}",
            found=f"not in the model: {offenders(absent)}",
            remedy=did_you_mean(absent[0], regressors) or "say product= if the column has another name",
        )
    if not len(values):
        raise ConfigError("An interaction is evaluated at values of its moderator.", found="values=[]")
    rows = [
        [float(name == prefix + term) + m * float(name == prefix + product) for name in names]
        for prefix in ("", "W_")
        for m in values
    ]
    pick = np.array([*rows, [float(name == "rho") for name in names]])
    labels = tuple(f"{term} at {moderator} = {m:g}" for m in values)
    return pick, labels
