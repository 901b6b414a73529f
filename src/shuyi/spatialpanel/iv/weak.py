"""Inference that stays valid under weak instruments, from the reduced form of a linear equation.

``y = X b + C g + u`` with endogenous X (m columns), included exogenous C and excluded instruments Z (q
columns). The regressions of y and of each x on [Z, C] have slopes ``pi_y`` and ``Pi`` on Z, and one joint
covariance. Everything here follows from these: with ``g(b) = pi_y - Pi b`` and ``V(b)`` its covariance,

* two-stage least squares is ``b = A pi_y`` with ``A = (Pi'Q Pi)^{-1} Pi'Q`` and covariance ``A V(b) A'``,
  where Q = Z'Z after C is partialled out;
* Anderson and Rubin (1949): ``g(b)' V(b)^{-1} g(b) / q`` tests any b, whatever the strength of Z;
* the least identified direction: the smallest ``(Pi d)' V_d^{-1} (Pi d)`` over all combinations d of the
  regressors, a test that Pi has rank m - 1 (chi-squared with q - m + 1 degrees of freedom; Cragg and Donald
  1993 under homoskedasticity). Where it falls short of q times the critical value of the Anderson-Rubin test,
  the Anderson-Rubin set is unbounded;
* the effective F of Montiel Olea and Pflueger (2013): ``pi'Q pi / tr(V Q)``, with their critical value;
* the critical values of t given the first-stage F of Lee, McCrary, Moreira and Porter (2022).

Covariances: ``unadjusted``, ``clustered`` (units, factor C/(C - 1) (N - 1)/(N - K)) and ``cluster_jackknife``
(CV3 of each regression; see `covariance.jackknife`), referred to F and t with C - 1 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from shuyi.errors import IdentificationError, check_known, offenders
from shuyi.spatialpanel.collinear import dependent_columns
from shuyi.spatialpanel.covariance.jackknife import ALONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

COVARIANCES = ("unadjusted", "clustered", "cluster_jackknife")
BIAS = 0.1
"""Worst-case bias, as a share of that of least squares, that the critical value of F allows."""
ANGLES = 721
"""Points at which the real line, wrapped on a half circle, is searched."""
PRECISION = 1e-9
"""Relative precision of the ends of Anderson-Rubin sets."""
TF_STEPS = 2000
"""Points at which the critical values of t given F are computed."""


class EffectiveF(NamedTuple):
    """The effective first-stage F and what it has to exceed.

    Parameters
    ----------
    statistic, critical : float
        The F, and its critical value at 5 % for a worst-case bias of `BIAS`.
    """

    statistic: float
    critical: float


class RankTest(NamedTuple):
    """The test that the least identified direction is not identified.

    Parameters
    ----------
    statistic, p_value : float
        Chi-squared with `df` degrees of freedom.
    df : int
        Instruments less endogenous regressors plus one.
    direction : tuple of float, length m
        Weights of the regressors, of length one in units of their standard deviations.
    """

    statistic: float
    p_value: float
    df: int
    direction: tuple[float, ...]


@dataclass(frozen=True)
class ConfidenceSet:
    """Values of one coefficient that a test does not reject.

    Attributes
    ----------
    pieces : tuple of (float, float)
        Disjoint intervals in increasing order; infinite ends where a piece is unbounded.
    level : float
        Confidence level.
    kind : {"interval", "union", "rays", "half_line", "line", "empty"}
        One bounded interval; several; two rays; one ray; the whole line; nothing.

    Examples
    --------
    >>> from shuyi.spatialpanel.iv.weak import ConfidenceSet
    >>> ConfidenceSet(((-1.0, 2.0),), 0.95).kind, ConfidenceSet(((float("-inf"), float("inf")),), 0.95).kind
    ('interval', 'line')
    """

    pieces: tuple[tuple[float, float], ...]
    level: float

    @property
    def kind(self) -> str:
        """What the set looks like."""
        if not self.pieces:
            return "empty"
        left, right = np.isneginf(self.pieces[0][0]), np.isposinf(self.pieces[-1][1])
        if len(self.pieces) == 1 and left and right:
            return "line"
        if left and right:
            return "rays"
        if left or right:
            return "half_line"
        return "interval" if len(self.pieces) == 1 else "union"

    @property
    def bounded(self) -> bool:
        """Whether no piece is infinite."""
        return self.kind in ("interval", "union", "empty")

    def __contains__(self, value: float) -> bool:
        return any(low <= value <= high for low, high in self.pieces)


@dataclass(frozen=True, eq=False)
class ReducedForm:
    """Regressions of the outcome and of the endogenous regressors on the instruments.

    Attributes
    ----------
    endogenous, instruments : tuple of str, length m and q
        Names.
    slopes : ndarray, shape (q, 1 + m)
        Slopes on the instruments, the outcome's first.
    covariance : ndarray, shape (1 + m, 1 + m, q, q)
        Covariance of any two columns of slopes.
    gram : ndarray, shape (q, q)
        Cross-products of the instruments once the exogenous regressors are partialled out.
    scales : ndarray, shape (m,)
        Standard deviations of the endogenous regressors, likewise.
    kind : str
        One of `COVARIANCES`.
    df : int
        Degrees of freedom of the reference distributions: clusters less one, or free observations.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.iv.weak import ReducedForm
    >>> rng = np.random.default_rng(1)
    >>> z, u = rng.standard_normal((2, 8, 30))
    >>> x = z + u + rng.standard_normal((8, 30))
    >>> form = ReducedForm.of(x + u, x[..., None], z[..., None], None, absorbed=0)
    >>> form.covariance.shape, form.anderson_rubin([1.0]) < 4, form.confidence_set([1.0]).kind
    ((2, 2, 1, 1), True, 'interval')
    """

    endogenous: tuple[str, ...]
    instruments: tuple[str, ...]
    slopes: NDArray[np.float64]
    covariance: NDArray[np.float64]
    gram: NDArray[np.float64]
    scales: NDArray[np.float64]
    kind: str
    df: int

    @classmethod
    def of(
        cls,
        outcome: NDArray,
        endogenous: NDArray,
        instruments: NDArray,
        exogenous: NDArray | None,
        *,
        absorbed: int,
        kind: str = "cluster_jackknife",
        names: tuple[Sequence[str], Sequence[str]] | None = None,
    ) -> ReducedForm:
        """Estimate the reduced form.

        Parameters
        ----------
        outcome : ndarray, shape (T, n)
            Dependent variable, transformed as the effects say.
        endogenous, instruments : ndarray, shape (T, n, m) and (T, n, q)
            Likewise.
        exogenous : ndarray, shape (T, n, k), optional
            Included exogenous regressors, likewise.
        absorbed : int
            Rank that the transformation took from the n T observations.
        kind : {"cluster_jackknife", "clustered", "unadjusted"}, default "cluster_jackknife"
            Covariance; each unit is a cluster.
        names : (sequence of str, sequence of str), optional
            Names of endogenous regressors and of instruments; numbered by default.

        Returns
        -------
        ReducedForm

        Raises
        ------
        ConfigError
            If the covariance is unknown.
        IdentificationError
            If there are fewer instruments than endogenous regressors, fewer clusters than columns, columns
            that are collinear, or a slope that one unit alone identifies.
        """
        check_known(kind, COVARIANCES, "covariance of a reduced form")
        m, q = endogenous.shape[2], instruments.shape[2]
        own = names or ([f"x{j + 1}" for j in range(m)], [f"z{j + 1}" for j in range(q)])
        empty = np.zeros((*outcome.shape, 0))
        columns = np.concatenate([instruments, empty if exogenous is None else exogenous], axis=2)
        left = np.concatenate([outcome[:, :, None], endogenous], axis=2)
        _check_sizes(outcome.shape, m, q, columns.shape[2], absorbed, kind)
        _check_independent(columns, (*own[1], *(f"exogenous {j + 1}" for j in range(columns.shape[2] - q))))
        whole = np.einsum("tia,tib->ab", columns, columns)
        bread = np.linalg.inv(whole)
        slopes = bread @ np.einsum("tia,tij->aj", columns, left)
        errors = left - columns @ slopes
        free = outcome.size - absorbed - columns.shape[2]
        covariance = _covariance(columns, errors, whole, free, kind)[:, :, :q, :q]
        rest = left[:, :, 1:] - columns[:, :, q:] @ _fitted(columns[:, :, q:], left[:, :, 1:])
        scales = np.sqrt((rest**2).sum(axis=(0, 1)) / free)
        df = free if kind == "unadjusted" else outcome.shape[1] - 1
        gram = np.linalg.inv(bread[:q, :q])
        return cls(tuple(own[0]), tuple(own[1]), slopes[:q], covariance, gram, scales, kind, df)

    @property
    def m(self) -> int:
        """Number of endogenous regressors."""
        return len(self.endogenous)

    @property
    def q(self) -> int:
        """Number of excluded instruments."""
        return len(self.instruments)

    def at(self, values: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return g(b) and V(b) for B values of the coefficients.

        Parameters
        ----------
        values : ndarray, shape (B, m)
            Values of the coefficients.

        Returns
        -------
        g : ndarray, shape (B, q)
        V : ndarray, shape (B, q, q)
        """
        sides = np.concatenate([np.ones((len(values), 1)), -values], axis=1)
        return sides @ self.slopes.T, np.einsum("bj,bk,jkpr->bpr", sides, sides, self.covariance)

    @cached_property
    def two_stage(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Two-stage least squares and its covariance, shapes (m,) and (m, m)."""
        first = self.slopes[:, 1:]
        a = np.linalg.solve(first.T @ self.gram @ first, first.T @ self.gram)
        b = a @ self.slopes[:, 0]
        return b, a @ self.at(b[None])[1][0] @ a.T

    def first_stage_f(self) -> NDArray[np.float64]:
        """Return the first-stage F of each endogenous regressor, shape (m,): its Wald statistic over q.

        Returns
        -------
        ndarray, shape (m,)
            Under the covariance of the reduced form.
        """
        return np.array([_quadratic(self.slopes[:, j], self.covariance[j, j]) / self.q for j in self._own])

    def effective_f(self) -> list[EffectiveF]:
        """Return the effective F of each endogenous regressor, with its critical value.

        The critical value is that of Montiel Olea and Pflueger (2013) by Patnaik's approximation with their
        simplified bound of the bias, at 5 %.

        Returns
        -------
        list of EffectiveF
            One per endogenous regressor.
        """
        found = []
        for j in self._own:
            pi, v = self.slopes[:, j], self.covariance[j, j]
            statistic = float(pi @ self.gram @ pi) / float(np.trace(v @ self.gram))
            found.append(EffectiveF(statistic, effective_critical(v, self.gram)))
        return found

    @cached_property
    def rank(self) -> RankTest:
        """Test of the least identified direction (see the module's description)."""
        from scipy.stats import chi2

        statistic, direction = _smallest_over_directions(self)
        df = self.q - self.m + 1
        return RankTest(statistic, float(chi2.sf(statistic, df)), df, tuple(direction.tolist()))

    def anderson_rubin(self, values: Sequence[float]) -> float:
        """Return the Anderson-Rubin F of values of all coefficients.

        Parameters
        ----------
        values : sequence of float, length m
            Hypothesis.

        Returns
        -------
        float
            To be compared with F(q, df).
        """
        return float(self._statistics(np.asarray(values, float)[None])[0])

    def anderson_rubin_p(self, values: Sequence[float]) -> float:
        """Return the p-value of the Anderson-Rubin test of values of all coefficients.

        Parameters
        ----------
        values : sequence of float, length m
            Hypothesis.

        Returns
        -------
        float
            From F(q, df).
        """
        from scipy.stats import f

        return float(f.sf(self.anderson_rubin(values), self.q, self.df))

    def confidence_set(self, combination: Sequence[float], level: float = 0.95) -> ConfidenceSet:
        """Return the values of a combination of the coefficients that the Anderson-Rubin test keeps.

        With several endogenous regressors the set of all coefficients is projected on the combination, which
        is valid and conservative. The line is searched at `ANGLES` points of a half circle and every end is
        refined by bisection.

        Parameters
        ----------
        combination : sequence of float, length m
            Weights of the coefficients: a unit vector for one of them.
        level : float, default 0.95
            Confidence level.

        Returns
        -------
        ConfidenceSet

        Raises
        ------
        IdentificationError
            If there are more than two endogenous regressors: the projection is not searched in more
            dimensions.
        """
        from scipy.stats import f

        if self.m > 2:
            raise IdentificationError(
                "Anderson-Rubin sets are projected from at most two endogenous regressors.",
                expected="one or two endogenous regressors",
                found=f"{self.m}: {offenders(self.endogenous)}",
                remedy="leave the spatial lag of the outcome out (an SLX equation), whose coefficients are "
                "the effects themselves",
            )
        return _Search(self, np.asarray(combination, float), float(f.ppf(level, self.q, self.df))).pieces(
            level
        )

    def _statistics(self, values: NDArray) -> NDArray[np.float64]:
        g, v = self.at(values)
        return np.einsum("bp,bp->b", g, np.linalg.solve(v, g[:, :, None])[:, :, 0]) / self.q

    @property
    def _own(self) -> range:
        return range(1, 1 + self.m)


def tf_critical(f_statistic: float, level: float = 0.95) -> float:
    """Return the critical value of the t ratio of one regressor with one instrument, given the first-stage F.

    Lee, McCrary, Moreira and Porter (2022): for the worst endogeneity, t is ``f (f - f0)/f0`` with f normal
    around f0, and the critical values c make the test exact at every f0. Where u(f0) is the largest f that is
    kept and v(f0) the largest |f| that is kept on the other side, ``c(u) = u (u - f0)/f0``,
    ``c(v) = v (v + f0)/f0`` and the two tails sum to 1 - level, which is solved from f0 = 0 upwards.

    Parameters
    ----------
    f_statistic : float
        First-stage F under the same covariance as the t ratio.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    float
        Infinite where F does not exceed the square of the normal quantile; never below that quantile.

    Examples
    --------
    >>> from shuyi.spatialpanel.iv.weak import tf_critical
    >>> [round(tf_critical(f), 2) for f in (4.0, 10.0, 110.0)], tf_critical(3.0)
    ([18.65, 3.43, 1.96], inf)
    """
    at, critical = _tf_curve(level)
    root = float(np.sqrt(max(f_statistic, 0.0)))
    if root <= at[0]:
        return float("inf")
    return float(np.interp(root, at, critical))


def effective_critical(covariance: NDArray, gram: NDArray, bias: float = BIAS, level: float = 0.05) -> float:
    """Return the critical value of the effective F of Montiel Olea and Pflueger (2013).

    Parameters
    ----------
    covariance : ndarray, shape (q, q)
        Of the first-stage slopes.
    gram : ndarray, shape (q, q)
        Cross-products of the instruments, exogenous regressors partialled out.
    bias : float, default 0.1
        Largest worst-case bias, as a share of that of least squares.
    level : float, default 0.05
        Level of the test that the bias is larger.

    Returns
    -------
    float
        With one instrument, the quantile of the noncentral chi-squared with noncentrality ``1 / bias``.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.iv.weak import effective_critical
    >>> round(effective_critical(np.eye(1), np.eye(1)), 1)
    23.1
    """
    from scipy.stats import ncx2

    root = np.linalg.cholesky(gram)
    w = root.T @ covariance @ root
    x, trace = 1.0 / bias, float(np.trace(w))
    largest = float(np.linalg.eigvalsh(w)[-1])
    size = trace**2 * (1 + 2 * x) / (float((w * w).sum()) + 2 * x * trace * largest)
    return float(ncx2.ppf(1 - level, size, x * size)) / size


@dataclass(frozen=True, eq=False)
class _Search:
    """Where the Anderson-Rubin statistic, smallest over all other coefficients, stays below a bound."""

    form: ReducedForm
    combination: NDArray[np.float64]
    bound: float

    @cached_property
    def basis(self) -> NDArray[np.float64]:
        """Orthonormal directions, in units of the regressors' scales: the combination first, (m, m)."""
        first = self.combination / self.form.scales
        rest = np.linalg.svd(first[None])[2][1:]
        return np.vstack([first / np.linalg.norm(first), rest])

    @cached_property
    def centre(self) -> NDArray[np.float64]:
        """Two-stage least squares in the coordinates of the basis, shape (m,)."""
        return self.basis @ (self.form.two_stage[0] * self.form.scales)

    @cached_property
    def spread(self) -> NDArray[np.float64]:
        """Its standard errors there, shape (m,)."""
        turn = self.basis * self.form.scales
        return np.sqrt(np.diag(turn @ self.form.two_stage[1] @ turn.T))

    def surplus(self, places: NDArray) -> NDArray[np.float64]:
        """Return the smallest statistic less the bound at B places of the combination."""
        if self.form.m == 1:
            return self._at(places[:, None]) - self.bound
        angles = np.linspace(-np.pi / 2, np.pi / 2, ANGLES)[1:-1]
        low, high = np.full(len(places), angles[0]), np.full(len(places), angles[-1])
        for _ in range(4):
            grid = low[:, None] + (high - low)[:, None] * np.linspace(0, 1, 121)
            other = self.centre[1] + self.spread[1] * np.tan(grid)
            first = np.broadcast_to(places[:, None], other.shape)
            found = self._at(np.stack([first, other], axis=2).reshape(-1, 2)).reshape(other.shape)
            best = found.argmin(axis=1)
            step = (high - low) / 120
            at = np.take_along_axis(grid, best[:, None], 1)[:, 0]
            low, high = at - step, at + step
        return found.min(axis=1) - self.bound

    def _at(self, coordinates: NDArray) -> NDArray[np.float64]:
        return self.form._statistics(coordinates @ self.basis / self.form.scales)

    def pieces(self, level: float) -> ConfidenceSet:
        """Return the set in the unit of the combination."""
        unit = float(np.linalg.norm(self.combination / self.form.scales))
        angles = np.linspace(-np.pi / 2, np.pi / 2, ANGLES)[1:-1]
        places = self.centre[0] + self.spread[0] * np.tan(angles)
        inside = self.surplus(places) <= 0
        edges = np.flatnonzero(inside[1:] != inside[:-1])
        ends = [self._edge(angles[i], angles[i + 1], bool(inside[i])) * unit for i in edges]
        marks = [-np.inf, *ends] if inside[0] else ends
        marks = [*marks, np.inf] if inside[-1] else marks
        return ConfidenceSet(tuple(zip(marks[::2], marks[1::2], strict=True)), level)

    def _edge(self, low: float, high: float, inside: bool) -> float:
        while high - low > PRECISION:
            middle = (low + high) / 2
            place = np.array([self.centre[0] + self.spread[0] * np.tan(middle)])
            if bool(self.surplus(place)[0] <= 0) == inside:
                low = middle
            else:
                high = middle
        return float(self.centre[0] + self.spread[0] * np.tan((low + high) / 2))


def _smallest_over_directions(form: ReducedForm) -> tuple[float, NDArray[np.float64]]:
    """Return the smallest Wald statistic of ``Pi d`` over directions d, and d, shape (m,)."""
    from scipy.optimize import minimize

    first, matrix = form.slopes[:, 1:] / form.scales, form.covariance[1:, 1:]
    matrix = matrix / (form.scales[:, None, None, None] * form.scales[:, None, None])

    def statistic(direction: NDArray) -> float:
        d = direction / np.linalg.norm(direction)
        return _quadratic(first @ d, np.einsum("j,k,jkpr->pr", d, d, matrix))

    starts = [np.linalg.svd(first)[2][-1], *np.eye(form.m)]
    if form.m == 2:
        angles = np.linspace(0, np.pi, 91)
        starts.append(min(np.column_stack([np.cos(angles), np.sin(angles)]), key=statistic))
    options = {"xatol": 1e-10, "fatol": 1e-12, "maxiter": 2000}
    found = [minimize(statistic, s, method="Nelder-Mead", options=options) for s in starts]
    best = min(found, key=lambda r: float(r.fun))
    direction = best.x / np.linalg.norm(best.x)
    return float(best.fun), direction * np.sign(direction[np.abs(direction).argmax()])


def _quadratic(vector: NDArray, matrix: NDArray) -> float:
    return float(vector @ np.linalg.solve(matrix, vector))


def _fitted(columns: NDArray, left: NDArray) -> NDArray[np.float64]:
    """Return the slopes of (T, n, m) on (T, n, k), shape (k, m)."""
    rows, k = left.shape[0] * left.shape[1], columns.shape[2]
    return np.linalg.lstsq(columns.reshape(rows, k), left.reshape(rows, -1), rcond=None)[0]


def _covariance(
    columns: NDArray, errors: NDArray, whole: NDArray, free: int, kind: str
) -> NDArray[np.float64]:
    """Return the covariance of the slopes of all regressions, shape (J, J, K, K)."""
    bread = np.linalg.inv(whole)
    if kind == "unadjusted":
        sigma = np.einsum("tij,tik->jk", errors, errors) / free
        return sigma[:, :, None, None] * bread
    scores = np.einsum("tia,tij->iaj", columns, errors)
    n, size = scores.shape[0], errors.shape[0] * errors.shape[1]
    if kind == "clustered":
        steps = np.sqrt(n / (n - 1) * (size - 1) / free) * bread @ scores
    else:
        steps = np.sqrt((n - 1) / n) * bread @ _without_leverage(columns, bread, scores)
    return np.einsum("caj,cbk->jkab", steps, steps)


def _without_leverage(columns: NDArray, bread: NDArray, scores: NDArray) -> NDArray[np.float64]:
    shares = np.einsum("tia,tib->iab", columns, columns)
    left = np.eye(len(bread)) - shares @ bread
    alone = np.flatnonzero(np.linalg.svd(left, compute_uv=False)[:, -1] < ALONE)
    if len(alone):
        raise IdentificationError(
            "A slope on the instruments is identified by one unit alone.",
            expected="slopes that are identified without any one unit",
            found=f"units by position: {offenders(alone.tolist())}",
            remedy="use an instrument that varies in several units",
        )
    return np.linalg.solve(left, scores)


def _check_sizes(shape: tuple[int, ...], m: int, q: int, k: int, absorbed: int, kind: str) -> None:
    if q < m:
        raise IdentificationError(
            "The equation is under-identified: it has fewer instruments than endogenous regressors.",
            expected=f"at least {m} instruments",
            found=str(q),
            remedy="name more instruments, or lag them in space",
        )
    free = shape[0] * shape[1] - absorbed - k
    if free <= 0 or (kind != "unadjusted" and shape[1] <= q + 1):
        raise IdentificationError(
            "Too few observations or units for the reduced form.",
            expected=f"more than {absorbed + k} observations and more than {q + 1} units",
            found=f"{shape[0] * shape[1]} observations of {shape[1]} units",
            remedy="use fewer instruments or controls",
        )


def _check_independent(columns: NDArray, names: Sequence[str]) -> None:
    flat = columns.reshape(-1, columns.shape[2])
    lengths = np.sqrt((flat**2).sum(axis=0))
    surplus = dependent_columns(names, np.asarray(np.linalg.qr(flat, mode="r")), lengths)
    if surplus:
        raise IdentificationError(
            "Instruments and exogenous regressors are collinear once the effects are removed.",
            expected="linearly independent columns",
            found=offenders(surplus),
            remedy="leave these out; an instrument that is constant within units needs a factor that "
            "changes over time, such as a national series",
        )


@lru_cache(maxsize=8)
def _tf_curve(level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return |f| and the critical values of t there, both increasing in f0."""
    from scipy.special import ndtr, ndtri

    alpha = 1 - level
    z = float(ndtri(1 - alpha / 2))
    means = np.exp(np.linspace(np.log(1e-3), np.log(12.0), TF_STEPS))
    at, critical = np.empty(TF_STEPS), np.empty(TF_STEPS)
    for i, mean in enumerate(means):
        v = z + z / 2 * mean**2
        kept = at[:i] * (at[:i] + mean) - mean * critical[:i]
        j = int(np.searchsorted(kept, 0.0))
        if 0 < j < i:
            share = kept[j - 1] / (kept[j - 1] - kept[j])
            v = at[j - 1] + share * (at[j] - at[j - 1])
        elif j == i and i > 0:
            v = at[i - 1]
        at[i] = mean + ndtri(level + ndtr(-v - mean))
        critical[i] = at[i] * (at[i] - mean) / mean
    return at, np.maximum(critical, z)
