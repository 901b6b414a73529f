"""Log-determinants ``ln|I - rho W|``, their derivatives and the traces that go with them.

A method is a class with the members of `LogDeterminant`, entered in `METHODS` by name; `log_determinant`
picks one and keeps it as long as the weights live. Everything that the likelihood and the effects need of W
besides its product with a vector goes through this interface:

- ``d ln|I - rho W| / d rho = -tr(G)`` and ``d^2 = -tr(G G)`` with ``G = W (I - rho W)^{-1}``;
- ``tr(S W) = tr(G)``, so that the mean direct effect of LeSage and Pace (2009) needs nothing else;
- ``u'(I - rho W)^{-1} v`` for fixed u and v, by the matrix determinant lemma.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from shuyi.errors import check_known
from shuyi.spatialpanel.logdet.base import GRID_POINTS, LogDeterminant, interior_points
from shuyi.spatialpanel.logdet.dense import EigenvalueLogDeterminant
from shuyi.spatialpanel.logdet.sparse import SparseLogDeterminant
from shuyi.spatialpanel.logdet.trace import TraceLogDeterminant
from shuyi.weights.container import DENSE_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights


METHODS: dict[str, Callable[[Weights], LogDeterminant]] = {
    "eigenvalues": EigenvalueLogDeterminant,
    "sparse_lu": SparseLogDeterminant,
    "stochastic_trace": TraceLogDeterminant,
}
"""Name of each method and the class that implements it."""

FILL = 12.0
"""Largest mean profile of the reordered pattern, in multiples of sqrt(n), that sparse LU is chosen for:
graphs in the plane have about one whatever n is, and random graphs one that grows like sqrt(n)."""


_CACHE: WeakKeyDictionary[Weights, dict[str, LogDeterminant]] = WeakKeyDictionary()


def log_determinant(weights: Weights, method: str = "auto") -> LogDeterminant:
    """Return the log-determinant of these weights by the named method.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.
    method : str, default "auto"
        ``"auto"`` or a key of `METHODS`.

    Returns
    -------
    LogDeterminant
        Made once for each weights and method.

    Raises
    ------
    ConfigError
        If the method is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.logdet.choose import log_determinant
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> found = log_determinant(lattice(4))
    >>> found.method, found.value(np.array([0.0, 0.5])).round(3)
    ('eigenvalues', array([ 0.  , -0.74]))
    """
    if method == "auto":
        method = choose_method(weights)
    check_known(method, tuple(METHODS), "method for the log-determinant")
    known = _CACHE.setdefault(weights, {})
    if method not in known:
        known[method] = METHODS[method](weights)
    return known[method]


def choose_method(weights: Weights) -> str:
    """Return the method that ``"auto"`` means for these weights.

    Eigenvalues up to `weights.DENSE_LIMIT` units; above, sparse LU where reverse Cuthill-McKee ordering finds
    a mean profile of at most `FILL` sqrt(n), as for contiguity and nearest neighbours; else stochastic
    traces.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.

    Returns
    -------
    str
        A key of `METHODS`.
    """
    if weights.n <= DENSE_LIMIT:
        return "eigenvalues"
    return "sparse_lu" if mean_profile(weights) <= FILL * np.sqrt(weights.n) else "stochastic_trace"


def mean_profile(weights: Weights) -> float:
    """Return the mean distance from the diagonal to the first neighbour, once reordered to a narrow band.

    Parameters
    ----------
    weights : Weights
        Spatial weights in the panel's order of units.

    Returns
    -------
    float
        In positions; small where a factorisation stays sparse.
    """
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import reverse_cuthill_mckee

    place = np.empty(weights.n, dtype=np.intp)
    order = reverse_cuthill_mckee(csr_matrix(weights.matrix), symmetric_mode=False)
    place[order] = np.arange(weights.n)
    links = weights.to_sparse().tocoo()
    ends = np.sort(np.stack([place[links.row], place[links.col]]), axis=0)
    first = np.arange(weights.n)
    np.minimum.at(first, ends[1], ends[0])
    return float((np.arange(weights.n) - first).mean())


@dataclass(frozen=True, slots=True, eq=False)
class Jacobian:
    """The sum over periods of ``ln|I - rho W_t|``, each less ``ln(1 - rho)`` where the convention drops it.

    Attributes
    ----------
    parts : tuple of LogDeterminant
        One per distinct weights matrix.
    counts : tuple of float
        Effective number of periods of each.
    drops_unit_root : bool
        Whether ``ln(1 - rho)`` is taken off, as the transformation over time effects does.
    """

    parts: tuple[LogDeterminant, ...]
    counts: tuple[float, ...]
    drops_unit_root: bool

    @property
    def interval(self) -> tuple[float, float]:
        """Intersection of the parts' intervals."""
        return max(p.interval[0] for p in self.parts), min(p.interval[1] for p in self.parts)

    def derivatives(self, rho: float) -> tuple[float, float, float]:
        """Return the value and the first two derivatives at one rho.

        Parameters
        ----------
        rho : float
            One value of rho.

        Returns
        -------
        (float, float, float)
            Value and first two derivatives.
        """
        value = first = second = 0.0
        for part, count in zip(self.parts, self.counts, strict=True):
            v, d1, d2 = part.derivatives(rho)
            value, first, second = value + count * v, first + count * d1, second + count * d2
        if self.drops_unit_root:
            total, rest = sum(self.counts), 1.0 - rho
            value, first, second = (
                value - total * np.log(rest),
                first + total / rest,
                second + total / rest**2,
            )
        return value, first, second

    def grid(self) -> tuple[NDArray, NDArray]:
        """Return starting points within the interval and the value there.

        Returns
        -------
        (ndarray, ndarray), each of shape (G,)
            Points and values.
        """
        points = interior_points(self.interval, GRID_POINTS)
        values = np.zeros(GRID_POINTS)
        for part, count in zip(self.parts, self.counts, strict=True):
            values += count * (part.grid()[1] if part.interval == self.interval else part.value(points))
        if self.drops_unit_root:
            values = values - sum(self.counts) * np.log(1.0 - points)
        return points, values
