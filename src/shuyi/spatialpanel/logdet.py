"""Log-determinants ``ln|I - rho W|``, their derivatives and the traces that go with them.

A method is a class with the members of `LogDeterminant`, entered in `METHODS` by name as
``"module:class"``; `log_determinant` picks one and keeps it as long as the weights live. Everything that the
likelihood and the effects need of W besides its product with a vector goes through this interface:

- ``d ln|I - rho W| / d rho = -tr(G)`` and ``d^2 = -tr(G G)`` with ``G = W (I - rho W)^{-1}``;
- ``tr(S W) = tr(G)``, so that the mean direct effect of LeSage and Pace (2009) needs nothing else;
- ``u'(I - rho W)^{-1} v`` for fixed u and v, by the matrix determinant lemma.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

import numpy as np

from shuyi.errors import ConvergenceError
from shuyi.spatialpanel.transforms import refuse_unknown
from shuyi.weights.container import DENSE_LIMIT, real_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.weights import Weights

METHODS = {
    "eigenvalues": "shuyi.spatialpanel.logdet:EigenvalueLogDeterminant",
    "sparse_lu": "shuyi.spatialpanel.large:SparseLogDeterminant",
    "stochastic_trace": "shuyi.spatialpanel.stochastic:TraceLogDeterminant",
}
"""Name of each method and the class that implements it; imported when first used."""

UNBOUNDED = 100.0
"""Multiple of 1/radius that replaces an infinite bound: W without a positive or negative real eigenvalue."""

GRID_POINTS = 40
"""Starting points of a search over one spatial parameter."""

FILL = 12.0
"""Largest mean profile of the reordered pattern, in multiples of sqrt(n), that sparse LU is chosen for:
graphs in the plane have about one whatever n is, and random graphs one that grows like sqrt(n)."""

CHUNK = 2_000_000
"""Largest number of array elements that one vectorised evaluation holds."""


class LogDeterminant(Protocol):
    """What a method offers; rho may be any array unless said otherwise.

    Attributes
    ----------
    method : str
    error : float
        Largest absolute error of the log-determinant on the interval (zero for exact methods).
    interval : tuple of float
        Open interval of admissible rho: (1/w_min, 1/w_max) of W's real eigenvalues.
    """

    method: str
    error: float
    interval: tuple[float, float]

    def value(self, rho: NDArray) -> NDArray:
        """Return ``ln|I - rho W|``."""

    def derivatives(self, rho: float) -> tuple[float, float, float]:
        """Return ``ln|I - rho W|``, ``-tr(G)`` and ``-tr(GG)`` at one rho."""

    def trace_lag(self, rho: NDArray) -> NDArray:
        """Return ``tr(G) = tr(S W)`` for ``S = (I - rho W)^{-1}``."""

    def sum_lag(self, rho: NDArray) -> NDArray:
        """Return ``1'S W 1``."""

    def sum_lag_derivative(self, rho: float) -> float:
        """Return the derivative ``1'S W S W 1`` of `sum_lag` at one rho."""

    def power_traces(self, orders: int) -> NDArray:
        """Return ``tr(W^q)`` for q = 0, ..., orders."""

    def grid(self) -> tuple[NDArray, NDArray]:
        """Return starting points within the interval and the log-determinant there."""

    def trace_error(self, rho: NDArray) -> float:
        """Return the largest error of ``tr(SW)/n`` over these rho (zero for exact methods)."""

    def record(self, rho: float) -> dict[str, Any]:
        """Return the method's name, its errors and its settings, for the record of a fit at this rho."""


_CACHE: WeakKeyDictionary[Weights, dict[str, LogDeterminant]] = WeakKeyDictionary()


def log_determinant(weights: Weights, method: str = "auto") -> LogDeterminant:
    """Return the log-determinant of these weights by the named method.

    Parameters
    ----------
    weights : Weights
    method : str
        ``"auto"`` or a key of `METHODS`.

    Raises
    ------
    ConfigError
        If the method is unknown.
    """
    if method == "auto":
        method = choose_method(weights)
    refuse_unknown(method, tuple(METHODS), "method for the log-determinant")
    known = _CACHE.setdefault(weights, {})
    if method not in known:
        module, name = METHODS[method].split(":")
        known[method] = getattr(import_module(module), name)(weights)
    return known[method]


def refuse_outside(name: str, value: float, interval: tuple[float, float]) -> None:
    """Raise ConvergenceError unless a spatial parameter lies inside its admissible interval."""
    if not interval[0] < value < interval[1]:
        raise ConvergenceError(
            f"The estimate of {name} lies outside its admissible interval.",
            expected=f"a value inside ({interval[0]:.6f}, {interval[1]:.6f})",
            found=f"{name} = {value:.6f}",
            remedy="use another correction or another model",
        )


def choose_method(weights: Weights) -> str:
    """Return the method that ``"auto"`` means for these weights.

    Eigenvalues up to `weights.DENSE_LIMIT` units; above, sparse LU where reverse Cuthill-McKee ordering finds
    a mean profile of at most `FILL` sqrt(n), as for contiguity and nearest neighbours; else stochastic
    traces.
    """
    if weights.n <= DENSE_LIMIT:
        return "eigenvalues"
    return "sparse_lu" if mean_profile(weights) <= FILL * np.sqrt(weights.n) else "stochastic_trace"


def mean_profile(weights: Weights) -> float:
    """Return the mean distance from the diagonal to the first neighbour, once reordered to a narrow band."""
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


class EigenvalueLogDeterminant:
    """Exact log-determinants from all eigenvalues of W (Ord 1975), real or in conjugate pairs.

    One member of each conjugate pair is kept with multiplicity two. All evaluations cost O(n) per rho.
    """

    method = "eigenvalues"
    error = 0.0

    def __init__(self, weights: Weights) -> None:
        self.spectrum = Spectrum.of(weights.eigenvalues)
        self.interval = within_bounds(real_interval(weights.eigenvalues), weights.row_sums)
        self._weights = weights
        self._sums: Spectrum | None = None
        self._grid: tuple[NDArray, NDArray] | None = None

    def value(self, rho: NDArray) -> NDArray:
        """Return ``ln|I - rho W|``."""
        return self.spectrum.log_determinant(np.asarray(rho, float))

    def derivatives(self, rho: float) -> tuple[float, float, float]:
        """Return ``ln|I - rho W|``, ``-tr(G)`` and ``-tr(GG)`` at one rho."""
        return self.spectrum.derivatives(rho)

    def trace_lag(self, rho: NDArray) -> NDArray:
        """Return ``tr(G) = tr(S W)``."""
        return self.spectrum.trace(np.asarray(rho, float))

    def sum_lag(self, rho: NDArray) -> NDArray:
        """Return ``1'S W 1``: n / (1 - rho) where rows sum to one, else by the determinant lemma.

        ``1'S r = det(I - rho W + r 1') / det(I - rho W) - 1`` with the row sums ``r = W 1``.
        """
        rho = np.asarray(rho, float)
        if self._weights.is_row_standardised:
            return self._weights.n / (1.0 - rho)
        return self._ratio(rho) - 1.0

    def sum_lag_derivative(self, rho: float) -> float:
        """Return ``1'S W S W 1``, the derivative of `sum_lag`."""
        if self._weights.is_row_standardised:
            return float(self._weights.n / (1.0 - rho) ** 2)
        slope = self._rank_one().derivatives(rho)[1] - self.spectrum.derivatives(rho)[1]
        return float(self._ratio(np.array(rho)) * slope)

    def power_traces(self, orders: int) -> NDArray:
        """Return ``tr(W^q)`` for q = 0, ..., orders."""
        return self.spectrum.power_traces(orders)

    def grid(self) -> tuple[NDArray, NDArray]:
        """Return `GRID_POINTS` equally spaced interior points and the log-determinant there."""
        if self._grid is None:
            points = interior_points(self.interval, GRID_POINTS)
            self._grid = points, self.value(points)
        return self._grid

    def trace_error(self, rho: NDArray) -> float:
        """Return zero: traces are exact."""
        return 0.0

    def record(self, rho: float) -> dict[str, Any]:
        """Return method and error."""
        return {"method": self.method, "error": self.error}

    def _rank_one(self) -> Spectrum:
        """Eigenvalues of ``(I + r 1')^{-1} W``, in which ``det(I - rho W + r 1')`` factors."""
        if self._sums is None:
            w, r = self._weights.to_dense(), self._weights.row_sums
            updated = w - np.outer(r / (1.0 + r.sum()), w.sum(axis=0))
            self._sums = Spectrum.of(np.linalg.eigvals(updated))
        return self._sums

    def _ratio(self, rho: NDArray) -> NDArray:
        top, bottom = self._rank_one(), self.spectrum
        size = (1.0 + self._weights.row_sums.sum()) * np.exp(
            top.log_determinant(rho) - bottom.log_determinant(rho)
        )
        return size * top.sign(rho) * bottom.sign(rho)


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """Eigenvalues ``re + i im`` with ``im >= 0`` and how often each counts; all of shape (m,), m <= n."""

    re: NDArray
    im: NDArray
    times: NDArray

    @classmethod
    def of(cls, eigenvalues: NDArray) -> Spectrum:
        """Keep the real eigenvalues and one of each conjugate pair."""
        kept = eigenvalues[eigenvalues.imag >= 0]
        return cls(kept.real.copy(), kept.imag.copy(), np.where(kept.imag > 0, 2.0, 1.0))

    @property
    def is_real(self) -> bool:
        """Whether no eigenvalue has an imaginary part."""
        return not self.im.any()

    def log_determinant(self, rho: NDArray) -> NDArray:
        """Return ``ln|det(I - rho W)|`` for rho of any shape."""
        if self.is_real:
            return _chunked(
                lambda r: np.log(np.abs(1.0 - r[:, None] * self.re)).sum(axis=1), rho, len(self.re)
            )
        return _chunked(lambda r: 0.5 * (np.log(self._modulus(r)) @ self.times), rho, len(self.re))

    def trace(self, rho: NDArray) -> NDArray:
        """Return ``sum w / (1 - rho w)`` for rho of any shape."""
        if self.is_real:
            return _chunked(lambda r: (self.re / (1.0 - r[:, None] * self.re)).sum(axis=1), rho, len(self.re))
        square = self.re**2 + self.im**2

        def paired(r: NDArray) -> NDArray:
            return ((self.re - r[:, None] * square) / self._modulus(r)) @ self.times

        return _chunked(paired, rho, len(self.re))

    def derivatives(self, rho: float) -> tuple[float, float, float]:
        """Return the log-determinant and its first two derivatives at one rho."""
        if self.is_real:
            rest = 1.0 - rho * self.re
            g = self.re / rest
            return float(np.log(np.abs(rest)).sum()), float(-g.sum()), float(-(g @ g))
        w = self.re + 1j * self.im
        remains = 1.0 - rho * w
        pairs = w / remains
        value = np.log(np.abs(remains)) @ self.times
        return float(value), float(-(pairs.real @ self.times)), float(-((pairs**2).real @ self.times))

    def sign(self, rho: NDArray) -> NDArray:
        """Return the sign of ``det(I - rho W)``: pairs contribute a positive factor."""
        real = self.re[self.im == 0]
        return _chunked(lambda r: np.sign(1.0 - r[:, None] * real).prod(axis=1), rho, max(len(real), 1))

    def power_traces(self, orders: int) -> NDArray:
        """Return ``sum w^q`` for q = 0, ..., orders."""
        w = self.re + 1j * self.im
        return np.array([float((w**q).real @ self.times) for q in range(orders + 1)])

    def _modulus(self, rho: NDArray) -> NDArray:
        return (1.0 - rho[:, None] * self.re) ** 2 + (rho[:, None] * self.im) ** 2


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
    """

    parts: tuple[LogDeterminant, ...]
    counts: tuple[float, ...]
    drops_unit_root: bool

    @property
    def interval(self) -> tuple[float, float]:
        """Intersection of the parts' intervals."""
        return max(p.interval[0] for p in self.parts), min(p.interval[1] for p in self.parts)

    def derivatives(self, rho: float) -> tuple[float, float, float]:
        """Return the value and the first two derivatives at one rho."""
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
        """Return starting points within the interval and the value there."""
        points = interior_points(self.interval, GRID_POINTS)
        values = np.zeros(GRID_POINTS)
        for part, count in zip(self.parts, self.counts, strict=True):
            values += count * (part.grid()[1] if part.interval == self.interval else part.value(points))
        if self.drops_unit_root:
            values = values - sum(self.counts) * np.log(1.0 - points)
        return points, values


def within_bounds(interval: tuple[float, float], row_sums: NDArray) -> tuple[float, float]:
    """Replace infinite ends of an interval by `UNBOUNDED` over the largest row sum."""
    size = float(np.abs(row_sums).max())
    bound = UNBOUNDED / size if size > 0 else UNBOUNDED
    return max(interval[0], -bound), min(interval[1], bound)


def interior_points(interval: tuple[float, float], count: int) -> NDArray[np.float64]:
    """Return equally spaced points inside an interval."""
    low, high = interval
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _chunked(function: Callable[[NDArray], NDArray], rho: NDArray, width: int) -> NDArray:
    flat = rho.reshape(-1)
    step = max(1, CHUNK // width)
    if len(flat) <= step:
        return function(flat).reshape(rho.shape)
    parts = [function(flat[start : start + step]) for start in range(0, len(flat), step)]
    return np.concatenate(parts).reshape(rho.shape)
