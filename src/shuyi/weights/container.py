"""Labelled spatial weights: what they are, how they are normalised and how they align with a panel.

`Weights.from_*` converts (libpysal ``Graph`` and ``W``, labelled frames, scipy sparse matrices).
Nothing is ever aligned by position.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from shuyi.alignment import unlabelled
from shuyi.errors import AlignmentError, WeightsError, check_known, offenders

if TYPE_CHECKING:
    import pandas as pd
    from libpysal.graph import Graph
    from libpysal.weights import W
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

Normalisation = Literal["row", "spectral", "none"]
NORMALISATIONS: tuple[Normalisation, ...] = ("row", "spectral", "none")

ROW_SUM_TOLERANCE = 1e-10
"""Largest deviation of a row sum from one that still counts as row-standardised: rounding of n additions."""

DENSE_LIMIT = 1_500
"""Largest n for which all eigenvalues of sparse weights are computed; above, their extremes."""

EXTREME_TOLERANCE = 1e-9
"""Relative accuracy of extreme eigenvalues of large weights."""

EXTREME_BASIS = 40
"""Size of the Krylov basis that extreme eigenvalues are sought in."""


@dataclass(frozen=True, eq=False)
class Weights:
    """A labelled n x n spatial weights matrix.

    Parameters
    ----------
    matrix : ndarray or scipy.sparse.csr_array, shape (n, n)
        Row i holds the weights of the neighbours of unit i. The diagonal is zero.
    labels : tuple of str, length n
        Units, in the order of rows and columns; each once.
    kind : str, default "user"
        What the weights measure, e.g. ``"contiguity"``; ``"user"`` for weights of unknown origin.
    normalisation : {"row", "spectral", "none"}, default "none"
        What has been done to the matrix: rows that sum to one, largest absolute eigenvalue one, nothing. It
        describes the matrix; `normalise` changes it.
    signed : bool, default False
        Whether negative entries are allowed.
    definition : mapping, default empty
        Parameters the weights were built with (power, k, islands rule, links made, ...), in JSON's types.

    Raises
    ------
    WeightsError
        If the matrix is not square, does not fit its labels, or holds an entry that is infinite, missing, on
        the diagonal or, unless `signed`, negative.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.weights import Weights
    >>> w = Weights(np.array([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]), ("a", "b", "c"))
    >>> w
    <Weights 'user' of 3 units, 4 nonzero entries, 1 component, 0 islands, normalisation: none>
    >>> w.normalise("row").lag(np.array([[1.0, 2.0, 5.0]]))
    array([[2., 3., 2.]])
    """

    matrix: Any
    labels: tuple[str, ...]
    kind: str = "user"
    normalisation: Normalisation = "none"
    signed: bool = False
    definition: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "matrix", _own_matrix(self.matrix))
        _check_admissible(self)
        object.__setattr__(self, "definition", MappingProxyType(dict(self.definition)))
        data = self.matrix.data if self.is_sparse else self.matrix
        data.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        definition = dict(self.definition)
        return Weights, (self.matrix, self.labels, self.kind, self.normalisation, self.signed, definition)

    def __repr__(self) -> str:
        islands = f"{len(self.islands)} island{'' if len(self.islands) == 1 else 's'}"
        named = f" ({offenders(self.islands)})" if self.islands else ""
        return (
            f"<Weights {self.kind!r} of {self.n} units, {self.nonzero} nonzero entries, "
            f"{self.n_components} component{'' if self.n_components == 1 else 's'}, {islands}{named}, "
            f"normalisation: {self.normalisation}>"
        )

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.labels)

    @property
    def is_sparse(self) -> bool:
        """Whether the matrix is stored sparse."""
        return not isinstance(self.matrix, np.ndarray)

    @property
    def nonzero(self) -> int:
        """Number of nonzero entries."""
        return int(self.matrix.nnz if self.is_sparse else np.count_nonzero(self.matrix))

    @cached_property
    def row_sums(self) -> NDArray[np.float64]:
        """Row sums, shape (n,)."""
        return np.asarray(self.matrix.sum(axis=1), dtype=np.float64).ravel()

    @cached_property
    def cardinalities(self) -> NDArray[np.int64]:
        """Number of neighbours of each unit, shape (n,)."""
        if self.is_sparse:
            return np.diff(self.matrix.indptr).astype(np.int64)
        return np.count_nonzero(self.matrix, axis=1)

    @cached_property
    def islands(self) -> tuple[str, ...]:
        """Labels of the units without a neighbour."""
        return tuple(label for label, c in zip(self.labels, self.cardinalities, strict=True) if c == 0)

    @cached_property
    def n_components(self) -> int:
        """Number of connected components (links in either direction)."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import connected_components

        return int(connected_components(csr_array(self.matrix), directed=True, connection="weak")[0])

    @property
    def is_row_standardised(self) -> bool:
        """Whether every row sums to one (an island's row does not)."""
        return bool(np.all(np.abs(self.row_sums - 1.0) <= ROW_SUM_TOLERANCE))

    @cached_property
    def eigenvalues(self) -> NDArray[Any]:
        """All n eigenvalues: real where the matrix is similar to a symmetric one, else complex.

        A matrix ``D^-1 A`` with symmetric ``A`` has the eigenvalues of ``D^-1/2 A D^-1/2`` (Ord 1975).

        Raises
        ------
        WeightsError
            If the matrix is sparse and has more than `DENSE_LIMIT` rows.
        """
        if self.is_sparse:
            check_dense_size(self.n, "All eigenvalues of the weights")
        dense = self.to_dense()
        symmetric = _symmetric_form(dense)
        if symmetric is not None:
            return np.linalg.eigvalsh(symmetric)
        return np.linalg.eigvals(dense)

    @cached_property
    def eigenvalue_interval(self) -> tuple[float, float]:
        """Interval (1/w_min, 1/w_max) of rho that keeps ``I - rho W`` nonsingular, from the real eigenvalues.

        Where the matrix has no negative (positive) real eigenvalue the bound is minus (plus) infinity. Above
        `DENSE_LIMIT` units the smallest and largest real parts of all eigenvalues take the place of the real
        eigenvalues: the same where these are real, else a narrower interval, in which every
        ``1 - rho w`` has a positive real part.
        """
        if self.n > DENSE_LIMIT:
            return _interval(*_extreme_parts(self))
        return real_interval(self.eigenvalues)

    @cached_property
    def spectral_radius(self) -> float:
        """Largest absolute eigenvalue; above `DENSE_LIMIT` units by Arnoldi's method."""
        if self.n > DENSE_LIMIT:
            return abs(_extreme(self, "LM"))
        return float(np.abs(self.eigenvalues).max())

    def to_dense(self) -> NDArray[np.float64]:
        """Return the matrix as a dense array, shape (n, n).

        Returns
        -------
        ndarray, shape (n, n)
            The matrix itself where it is stored dense (read-only), else a new array.
        """
        return self.matrix.toarray() if self.is_sparse else self.matrix

    def to_sparse(self) -> csr_array:
        """Return the matrix as a scipy CSR array.

        Returns
        -------
        scipy.sparse.csr_array, shape (n, n)
            Nonzero entries alone are stored.
        """
        from scipy.sparse import csr_array

        return csr_array(self.matrix)

    def lag(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the spatial lag of an array whose second axis is the units.

        Parameters
        ----------
        values : ndarray, shape (T, n) or (T, n, k)
            One value (or k values) per period and unit, the units in the order of `labels`.

        Returns
        -------
        ndarray of the same shape
            ``W y_t`` for every period (and variable).

        Raises
        ------
        AlignmentError
            If the values carry labels, which would not be looked at, or have another shape.
        """
        values = unlabelled(values, "values", "periods by units, in the order of the weights' labels")
        if values.ndim not in (2, 3) or values.shape[1] != self.n:
            raise AlignmentError(
                "Values whose spatial lag is asked for do not fit the weights.",
                expected=f"shape (T, {self.n}) or (T, {self.n}, k): periods by units",
                found=f"shape {values.shape}",
                remedy="values of one period are values[None]",
            )
        if values.ndim == 2:
            return np.ascontiguousarray((self.matrix @ values.T).T)
        periods, n, k = values.shape
        flat = np.ascontiguousarray(values.transpose(1, 0, 2)).reshape(n, periods * k)
        return np.ascontiguousarray((self.matrix @ flat).reshape(n, periods, k).transpose(1, 0, 2))

    def reindex(self, labels: Sequence[str]) -> Weights:
        """Return the weights with rows and columns in the order of `labels`, the same units.

        Parameters
        ----------
        labels : sequence of str, length n
            The weights' own labels in the order wanted.

        Returns
        -------
        Weights
            The same weights, kind and normalisation.

        Raises
        ------
        AlignmentError
            If the labels name other units.
        """
        labels = tuple(labels)
        if set(labels) != set(self.labels) or len(labels) != self.n:
            check_same_units(labels, self.labels)
        place = {label: position for position, label in enumerate(self.labels)}
        order = [place[label] for label in labels]
        matrix = self.matrix[order][:, order] if self.is_sparse else self.matrix[np.ix_(order, order)]
        return replace(self, matrix=matrix, labels=labels)

    def subset(self, labels: Sequence[str]) -> Weights:
        """Return the weights among the named units, normalised anew as before.

        Parameters
        ----------
        labels : sequence of str
            Labels to keep, in the order wanted.

        Returns
        -------
        Weights
            Weights among these units alone; a unit may become an island.

        Raises
        ------
        AlignmentError
            If a label is not among the weights' own.
        """
        place = {label: position for position, label in enumerate(self.labels)}
        unknown = [label for label in labels if label not in place]
        if unknown:
            raise AlignmentError(
                "The weights do not hold every unit asked for.",
                found=f"not in the weights: {offenders(unknown)}",
            )
        keep = [place[label] for label in labels]
        matrix = self.matrix[keep][:, keep] if self.is_sparse else self.matrix[np.ix_(keep, keep)]
        plain = replace(self, matrix=matrix, labels=tuple(labels), normalisation="none")
        return plain.normalise(self.normalisation)

    def normalise(self, normalisation: Normalisation) -> Weights:
        """Return normalised weights: rows that sum to one, largest absolute eigenvalue one, or as they are.

        Row standardisation leaves an island's row at zero; whether islands are allowed is the caller's rule.

        Parameters
        ----------
        normalisation : {"row", "spectral", "none"}
            Rows that sum to one, largest absolute eigenvalue one, or as they are.

        Returns
        -------
        Weights
            New weights; these stay as they are.

        Raises
        ------
        WeightsError
            If the normalisation is unknown, or spectral normalisation meets eigenvalues that are all zero.
        """
        check_known(normalisation, NORMALISATIONS, "normalisation of weights", WeightsError)
        matrix = _normalised(self, normalisation)
        return replace(self, matrix=matrix, normalisation=normalisation)

    def to_graph(self) -> Graph:
        """Return a libpysal ``Graph`` with the same labels and entries; islands stay isolates.

        Returns
        -------
        libpysal.graph.Graph
            With one isolate per island.
        """
        from libpysal.graph import Graph

        return Graph.from_sparse(self.to_sparse(), ids=list(self.labels))

    def to_frame(self) -> pd.DataFrame:
        """Return the matrix as a square frame with the labels on both axes.

        Returns
        -------
        DataFrame, shape (n, n)
            Row i holds the weights of the neighbours of unit i.
        """
        import pandas as pd

        return pd.DataFrame(self.to_dense(), index=list(self.labels), columns=list(self.labels))

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, *, kind: str = "user", signed: bool = False) -> Weights:
        """Convert a square frame with the same labels, in the same order, on both axes.

        Parameters
        ----------
        frame : DataFrame, shape (n, n)
            Row i holds the weights of the neighbours of unit i; labels become text.
        kind : str, default "user"
            What the weights measure.
        signed : bool, default False
            Whether negative entries are allowed.

        Returns
        -------
        Weights
            Dense, ``normalisation="row"`` where all rows sum to one, else ``"none"``.

        Raises
        ------
        WeightsError
            If the frame is not square, its axes differ, or an entry is not an admissible number.
        """
        rows, columns = [str(r) for r in frame.index], [str(c) for c in frame.columns]
        if rows != columns:
            raise WeightsError(
                "A weights table needs the same labels in the same order on rows and columns.",
                expected=f"columns {offenders(rows)}",
                found=f"shape {frame.shape}; {_first_difference(columns, rows)}",
                remedy="reorder the columns: frame[frame.index]",
            )
        return cls(_numbers_of(frame), tuple(rows), kind, signed=signed)._detect()

    @classmethod
    def from_sparse(
        cls, matrix: Any, labels: Sequence[str], *, kind: str = "user", signed: bool = False
    ) -> Weights:
        """Convert a scipy sparse matrix with one label per row.

        Parameters
        ----------
        matrix : scipy sparse matrix or array, shape (n, n)
            Row i holds the weights of the neighbours of unit i; stored zeros are dropped.
        labels : sequence of str, length n
            Units, in the order of rows and columns.
        kind : str, default "user"
            What the weights measure.
        signed : bool, default False
            Whether negative entries are allowed.

        Returns
        -------
        Weights
            Sparse, ``normalisation="row"`` where all rows sum to one, else ``"none"``.

        Raises
        ------
        WeightsError
            If the labels do not fit the matrix or an entry is not an admissible number.
        """
        from scipy.sparse import csr_array

        sparse = csr_array(matrix, dtype=np.float64, copy=True)
        sparse.eliminate_zeros()
        return cls(sparse, tuple(str(label) for label in labels), kind, signed=signed)._detect()

    @classmethod
    def from_graph(cls, graph: Graph, *, kind: str = "user") -> Weights:
        """Convert a libpysal ``Graph``; its focal units become the labels.

        Parameters
        ----------
        graph : libpysal.graph.Graph
            Its unique ids become the labels, as text.
        kind : str, default "user"
            What the weights measure.

        Returns
        -------
        Weights
            Sparse, with the graph's own values; isolates become islands.

        Raises
        ------
        WeightsError
            If an entry is not an admissible number, such as a unit that is its own neighbour.
        """
        return cls.from_sparse(graph.sparse, [str(u) for u in graph.unique_ids], kind=kind)

    @classmethod
    def from_w(cls, w: W, *, kind: str = "user") -> Weights:
        """Convert a libpysal ``W`` with the transformation it carries.

        Parameters
        ----------
        w : libpysal.weights.W
            Its ids become the labels, as text.
        kind : str, default "user"
            What the weights measure.

        Returns
        -------
        Weights
            Sparse, with the values as ``w.transform`` left them; islands stay islands.

        Raises
        ------
        WeightsError
            If an entry is not an admissible number, such as a unit that is its own neighbour.
        """
        return cls.from_sparse(w.sparse, [str(u) for u in w.id_order], kind=kind)

    @classmethod
    def coerce(cls, weights: Any) -> Weights:
        """Accept Weights, a libpysal ``Graph`` or ``W``, or a labelled square DataFrame.

        Parameters
        ----------
        weights : Weights, Graph, W or DataFrame
            Labelled weights in any of these forms.

        Returns
        -------
        Weights
            The same object where it is `Weights` already.

        Raises
        ------
        WeightsError
            For anything else: an unlabelled array cannot be aligned with a panel.
        """
        if isinstance(weights, Weights):
            return weights
        kind = type(weights).__name__
        if kind == "Graph":
            return cls.from_graph(weights)
        if hasattr(weights, "id_order") and hasattr(weights, "sparse"):
            return cls.from_w(weights)
        if kind == "DataFrame":
            return cls.from_frame(weights)
        raise WeightsError(
            "Weights must carry labels, so that they can be aligned with the panel.",
            expected="Weights, libpysal Graph or W, or a square DataFrame with labels on both axes",
            found=f"an object of type {kind}",
            remedy="wrap it: Weights.from_frame(DataFrame(matrix, index=units, columns=units)) "
            "or Weights.from_sparse(matrix, labels)",
        )

    def _detect(self) -> Weights:
        if self.is_row_standardised:
            return replace(self, normalisation="row")
        return self


def check_dense_size(n: int, what: str, remedy: str = "") -> None:
    """Raise WeightsError where an n x n array would hold more than `DENSE_LIMIT` rows.

    Parameters
    ----------
    n : int
        Number of units.
    what : str
        What needs the array, as the subject of the message.
    remedy : str, default ""
        What the user can do instead; by default a sparse log determinant is suggested.

    Raises
    ------
    WeightsError
        If n exceeds `DENSE_LIMIT`.
    """
    if n > DENSE_LIMIT:
        raise WeightsError(
            f"{what} would need a dense array of {n} x {n}.",
            expected=f"at most {DENSE_LIMIT} units",
            found=f"{n} units",
            remedy=remedy or "use a method for sparse weights, e.g. logdet='sparse_lu'",
        )


def real_interval(eigenvalues: NDArray) -> tuple[float, float]:
    """Return (1/w_min, 1/w_max) over the real ones of these eigenvalues, infinite where there is none.

    Parameters
    ----------
    eigenvalues : ndarray, shape (n,)
        Eigenvalues of the weights, real or complex.

    Returns
    -------
    (float, float)
        Open interval of rho around zero in which ``I - rho W`` is nonsingular.
    """
    real = eigenvalues.real[np.abs(eigenvalues.imag) <= 1e-9 * max(1.0, np.abs(eigenvalues).max())]
    if not real.size:
        return -np.inf, np.inf
    return _interval(float(real.min()), float(real.max()))


def check_aligned(units: Sequence[str], weights: Weights) -> None:
    """Raise AlignmentError unless the weights name the panel's units in the panel's order.

    Parameters
    ----------
    units : sequence of str
        The panel's units, in its order.
    weights : Weights
        Weights to compare with them.

    Raises
    ------
    AlignmentError
        If the labels differ from the units, or stand in another order.

    Examples
    --------
    >>> from shuyi.weights import build_contiguity, check_aligned
    >>> check_aligned(["a", "b"], build_contiguity(["a", "b"], [("a", "b")]))
    """
    if tuple(units) == weights.labels:
        return
    check_same_units(units, weights.labels)
    raise AlignmentError(
        "The weights hold the panel's units in another order.",
        expected=f"the panel's order: {offenders(units)}",
        found=_first_difference(weights.labels, units),
        remedy="call weights.reindex(panel_units)",
    )


def check_same_units(wanted: Sequence[str], present: Sequence[str]) -> None:
    """Raise AlignmentError unless two lists of labels name the same units.

    Parameters
    ----------
    wanted : sequence of str
        The panel's units.
    present : sequence of str
        The weights' labels.

    Raises
    ------
    AlignmentError
        If a unit is in one list alone.

    Examples
    --------
    >>> from shuyi.weights import check_same_units
    >>> check_same_units(["a", "b"], ["b", "a"])
    """
    here, there = set(wanted), set(present)
    missing = [u for u in wanted if u not in there]
    surplus = [u for u in present if u not in here]
    if not missing and not surplus:
        return
    parts = []
    if missing:
        parts.append(f"not in the weights: {offenders(missing)}")
    if surplus:
        parts.append(f"only in the weights: {offenders(surplus)}")
    raise AlignmentError(
        "Panel and weights name different units.",
        expected=f"the panel's {len(wanted)} units: {offenders(wanted)}",
        found="; ".join(parts),
        remedy="use the same identifiers in both; weights.subset(panel_units) drops surplus units",
    )


def _interval(smallest: float, largest: float) -> tuple[float, float]:
    low = 1.0 / smallest if smallest < -1e-12 else -np.inf
    high = 1.0 / largest if largest > 1e-12 else np.inf
    return low, high


def _extreme_parts(weights: Weights) -> tuple[float, float]:
    """Return the smallest and largest real parts of the eigenvalues of large weights.

    The largest is one where rows sum to one and no entry is negative (Perron and Frobenius).
    """
    data = weights.matrix.data if weights.is_sparse else weights.matrix
    stochastic = weights.is_row_standardised and not np.any(data < 0)
    largest = 1.0 if stochastic else _extreme(weights, "LR").real
    return _extreme(weights, "SR").real, largest


def _extreme(weights: Weights, which: str) -> complex:
    """Return one extreme eigenvalue by Arnoldi's method from a fixed start."""
    from scipy.sparse.linalg import ArpackNoConvergence, eigs

    start = 1.0 + np.arange(weights.n) / weights.n
    start[::2] *= -0.5
    try:
        found = eigs(
            weights.matrix,
            k=1,
            which=which,
            ncv=EXTREME_BASIS,
            v0=start,
            tol=EXTREME_TOLERANCE,
            return_eigenvectors=False,
        )
    except ArpackNoConvergence as error:
        raise WeightsError(
            "The extreme eigenvalues of the weights were not found.",
            expected=f"convergence to a relative accuracy of {EXTREME_TOLERANCE:g}",
            found=str(error),
            remedy="row-standardise the weights, or link their isolated parts",
        ) from error
    return complex(found[0])


def _first_difference(found: Sequence[str], expected: Sequence[str]) -> str:
    for position, (f, e) in enumerate(zip(found, expected, strict=False)):
        if f != e:
            return f"first difference at position {position + 1}: {f!r} where {e!r} was expected"
    return f"{len(found)} labels where {len(expected)} were expected"


def _symmetric_form(dense: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Return a symmetric matrix similar to `dense`, or None where the diagonal scaling finds none.

    If ``W = D^-1 A`` with symmetric ``A``, then ``w_ij / w_ji = d_j / d_i`` wherever both are positive, and
    ``sqrt(w_ij w_ji)`` is the symmetric form. Kolmogorov's criterion along a spanning tree gives ``d``.
    """
    if np.array_equal(dense, dense.T):
        return dense
    if np.any(dense < 0) or not np.array_equal(dense > 0, dense.T > 0):
        return None
    scale = _reversible_scale(dense)
    balanced = scale[:, None] * dense
    if not np.allclose(balanced, balanced.T, rtol=1e-12, atol=0.0):
        return None
    return np.sqrt(dense * dense.T)


def _reversible_scale(dense: NDArray[np.float64]) -> NDArray[np.float64]:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import breadth_first_order, connected_components

    graph = csr_array(dense)
    scale = np.ones(len(dense))
    _, component = connected_components(graph, directed=False)
    for c in range(component.max() + 1):
        root = int(np.flatnonzero(component == c)[0])
        order, before = breadth_first_order(graph, root, directed=False)
        for node in order[1:]:
            parent = before[node]
            scale[node] = scale[parent] * dense[parent, node] / dense[node, parent]
    return scale


def _normalised(weights: Weights, normalisation: Normalisation) -> Any:
    if normalisation == "none":
        return weights.matrix
    if normalisation == "row":
        sums = weights.row_sums
        lost = (~np.isfinite(sums) | (sums == 0)) & (weights.cardinalities > 0)
        if lost.any():
            raise WeightsError(
                "Rows cannot be made to sum to one.",
                expected="rows of neighbours whose weights have a finite sum other than zero",
                found=offenders(f"{weights.labels[i]}: {sums[i]:g}" for i in np.flatnonzero(lost)),
                remedy="use smaller weights, or weights that do not cancel",
            )
        factors = np.divide(1.0, sums, out=np.zeros_like(sums), where=sums != 0)
        if weights.is_sparse:
            from scipy.sparse import diags_array

            return (diags_array(factors) @ weights.matrix).tocsr()
        return weights.matrix * factors[:, None]
    radius = weights.spectral_radius
    if radius == 0.0:
        raise WeightsError(
            "Spectral normalisation needs a nonzero eigenvalue.",
            found="all eigenvalues are zero",
            remedy="use normalisation 'row' or 'none'",
        )
    return weights.matrix / radius


def how_to_standardise(weights: Sequence[Weights]) -> str:
    """Return what to do about weights whose rows do not all sum to one.

    Parameters
    ----------
    weights : sequence of Weights
        Matrices of which one at least is not row-standardised.

    Returns
    -------
    str
        The call that standardises them, or the islands for which there is none.
    """
    islands = list(dict.fromkeys(label for w in weights for label in w.islands))
    if islands:
        return f"link {offenders(islands)} to a neighbour, which no normalisation does for units without one"
    return "call weights.normalise('row')"


def _own_matrix(matrix: Any) -> Any:
    """Return a matrix of floats in a form that nothing changes any more: indices sorted, no entry twice."""
    if isinstance(matrix, np.ndarray):
        if matrix.dtype.kind not in "fiub":
            raise WeightsError(
                "Weights are numbers.",
                found=f"an array of {matrix.dtype}",
                remedy="convert it: matrix.astype(float)",
            )
        return matrix if matrix.dtype == np.float64 else matrix.astype(np.float64)
    if not hasattr(matrix, "tocsr"):
        raise WeightsError(
            "A weights matrix is an array or a scipy sparse array.",
            found=f"an object of type {type(matrix).__name__}",
            remedy="labelled frames are converted by Weights.from_frame",
        )
    if matrix.format == "csr" and matrix.has_canonical_format and matrix.dtype == np.float64:
        return matrix
    from scipy.sparse import csr_array

    own = csr_array(matrix, dtype=np.float64, copy=True)
    own.sum_duplicates()
    own.eliminate_zeros()
    return own


def _numbers_of(frame: pd.DataFrame) -> NDArray[np.float64]:
    """Return the numbers of a square frame, or refuse text and truth values between them."""
    wrong = [
        f"({row}, {column}) = {value!r}"
        for column in frame.columns
        if frame[column].dtype.kind not in "fiub"
        for row, value in frame[column].items()
        if not isinstance(value, Real) or isinstance(value, bool)
    ]
    if wrong:
        raise WeightsError(
            "Weights are numbers.",
            expected="a number in every cell, 0 where two units are not neighbours",
            found=offenders(wrong),
            remedy="convert the frame: frame.astype(float)",
        )
    return np.array(frame, dtype=np.float64)


def _check_admissible(weights: Weights) -> None:
    shape = weights.matrix.shape
    n = len(weights.labels)
    if shape != (n, n):
        raise WeightsError(
            "A weights matrix is square, with one label per row.",
            expected=f"shape ({n}, {n}) for {n} labels",
            found=f"shape {tuple(shape)}",
        )
    if len(set(weights.labels)) != n:
        twice = sorted({label for label in weights.labels if weights.labels.count(label) > 1})
        raise WeightsError("Labels of weights are unique.", found=f"repeated: {offenders(twice)}")
    _check_entries(weights)


def _check_entries(weights: Weights) -> None:
    rows, columns, values = _entries(weights)
    checks = (
        (~np.isfinite(values), "Weights are finite numbers.", "replace missing and infinite entries"),
        (
            (rows == columns) & (values != 0),
            "The diagonal of a weights matrix is zero.",
            "set the diagonal to zero: a unit is not its own neighbour",
        ),
        (
            (values < 0) & (not weights.signed),
            "Weights of this kind are not negative.",
            "mend the entries, or say signed=True if negative weights are meant",
        ),
    )
    for wrong, what, remedy in checks:
        if wrong.any():
            first = [
                f"({weights.labels[rows[p]]}, {weights.labels[columns[p]]}) = {values[p]:g}"
                for p in np.flatnonzero(wrong)
            ]
            raise WeightsError(what, found=offenders(first), remedy=remedy)


def _entries(weights: Weights) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    if weights.is_sparse:
        coo = weights.matrix.tocoo()
        return coo.row, coo.col, coo.data
    rows, columns = np.nonzero(weights.matrix)
    return rows, columns, weights.matrix[rows, columns]
