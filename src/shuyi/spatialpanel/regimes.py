"""Two regimes: spatial lag and coefficients that differ with the state of the receiving unit.

    y_t = rho1 D_t W y_t + rho0 (I - D_t) W y_t + D_t (X_t b1 + W Z_t th1) + (I - D_t)(X_t b0 + W Z_t th0)
          + mu + xi_t 1 + e_t

with D_t the diagonal matrix of a variable that is one or zero (Elhorst and Freret 2009), ``th`` absent for
variables that are not lagged, and coefficients common to both regimes on request. With
``R_t = rho1 D_t + rho0 (I - D_t)`` the likelihood is that of `likelihood` with ``sum_t ln|I - R_t W|``. D
does not commute with the projector that removes time effects, and no transformation removes them: fixed
effects are dummies, the convention ``exact``. Equal regimes are the plain model under that convention.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import (
    ConfigError,
    ConvergenceError,
    DataError,
    IdentificationError,
    check_known,
    offenders,
)
from shuyi.panel import Panel, stack
from shuyi.spatialpanel.collinear import dependent_columns
from shuyi.spatialpanel.covariance.parts import inverse
from shuyi.spatialpanel.design import INTERCEPT, Design, build_design
from shuyi.spatialpanel.effects import (
    Coefficients,
    Effects,
    draw_where,
    percentile_error,
    reference_quantile,
    selected,
    simulated_moments,
)
from shuyi.spatialpanel.transforms import DESCRIPTIONS, FIXED_EFFECTS, check_enough_observations, within
from shuyi.spatialpanel.views import Description, EstimateViews, weights_text
from shuyi.weights import Weights

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

SPLITS = ("all", "rho")
COVARIANCES = ("information", "hessian")
REGIMES = ("1", "0")

MAX_UNITS = 1500
"""Units up to which ``ln|I - R W|`` is computed: one dense factorisation per period and step."""

GRID = (-0.8, -0.4, 0.0, 0.4, 0.8)
"""Starting values of both rho, times the largest rho that is admissible for certain."""

STEP_TOLERANCE = 1e-12
"""Newton steps below this are rounding of parameters of order one."""

MAX_ITERATIONS = 100


@dataclass(frozen=True, eq=False, repr=False)
class RegimeProblem:
    """Transformed data of a two-regime model.

    Attributes
    ----------
    design : Design
        Data of the model, aligned and complete.
    effects : str
        Fixed effects of the model.
    member : ndarray, shape (T, n)
        One where the unit is in regime 1.
    names : tuple of str, length k
        Coefficients; ``[1]`` and ``[0]`` name the regime.
    x : ndarray, shape (T, n, k)
        Regressors by regime and their spatial lags, transformed.
    y : ndarray, shape (T, n)
        Outcome, transformed.
    wy : ndarray, shape (T, n, 2)
        ``D W y`` and ``(I - D) W y``.
    """

    design: Design
    effects: str
    member: NDArray[np.float64]
    names: tuple[str, ...]
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    wy: NDArray[np.float64]

    @cached_property
    def cases(self) -> list[tuple[Weights, NDArray[np.float64], list[int]]]:
        """Each different pair of weights and regimes, with the periods it serves."""
        found: dict[tuple[int, bytes], tuple[Weights, NDArray[np.float64], list[int]]] = {}
        assert self.design.lags is not None
        for t, row in enumerate(self.member):
            w = self.design.lags.at(t)
            found.setdefault((id(w), row.tobytes()), (w, row, []))[2].append(t)
        return list(found.values())

    @cached_property
    def safe(self) -> float:
        """A bound below which any pair of rho is admissible: one over the largest absolute row sum of W."""
        return 1.0 / max(float(np.abs(w.to_dense()).sum(axis=1).max()) for w, _, _ in self.cases)

    def is_admissible(self, rho: NDArray) -> bool:
        """Return whether ``I - s R W`` is regular for every s in [0, 1].

        Parameters
        ----------
        rho : ndarray
            rho of regime 1 and of regime 0.

        Returns
        -------
        bool
            False outside the region connected with zero.
        """
        if float(np.abs(rho).max()) < self.safe:
            return True
        for w, row, _ in self.cases:
            roots = np.linalg.eigvals(_mixed(rho, row)[:, None] * w.to_dense())
            real = roots.real[np.abs(roots.imag) <= 1e-12 * np.abs(roots).max()]
            if real.size and real.max() >= 1.0:
                return False
        return True

    def log_determinant(self, rho: NDArray) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """Return ``sum_t ln|I - R_t W|`` with gradient (2,) and Hessian (2, 2).

        Parameters
        ----------
        rho : ndarray
            rho of regime 1 and of regime 0.

        Returns
        -------
        (float, ndarray, ndarray)
            Value, gradient and Hessian.
        """
        value, first, second = 0.0, np.zeros(2), np.zeros((2, 2))
        for w, row, periods in self.cases:
            value += len(periods) * float(
                np.linalg.slogdet(np.eye(w.n) - _mixed(rho, row)[:, None] * w.to_dense())[1]
            )
            generators = _generators(rho, w, row)
            for a, g in enumerate(generators):
                first[a] -= len(periods) * np.trace(g)
                for b, h in enumerate(generators):
                    second[a, b] -= len(periods) * float((g * h.T).sum())
        return value, first, second


@dataclass(frozen=True, eq=False, repr=False)
class RegimeFit(EstimateViews):
    """Estimates of a two-regime model.

    Attributes
    ----------
    problem : RegimeProblem
        Transformed data.
    terms, durbin : tuple of str
        Regressors, and those spatially lagged.
    split : {"all", "rho"}
        What differs between regimes.
    names : tuple of str, length p
        Coefficients, ``rho[1]``, ``rho[0]``, ``sigma2``.
    values : ndarray, shape (p,)
        Estimates, in the order of `names`.
    covariance_matrix : ndarray, shape (p, p)
        Covariance of the estimates, in the order of `names`.
    covariance_kind : str
        Kind of covariance.
    loglik, loglik_equal : float
        Of this model and of the plain model with equal regimes.
    df_equal : int
        Restrictions of equal regimes.
    convergence : mapping, default empty
        Record of the search.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel import RegimeFit, fit_regimes
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> regime = np.tile(np.arange(16) % 2, (6, 1)).astype(float)
    >>> panel = panel.with_variables({"coastal": regime})
    >>> fit = fit_regimes(panel, weights, outcome="y", regressors=["x1"], regime="coastal", split="rho")
    >>> isinstance(fit, RegimeFit), fit.names
    (True, ('x1', 'W_x1', 'rho[1]', 'rho[0]', 'sigma2'))
    """

    problem: RegimeProblem
    terms: tuple[str, ...]
    durbin: tuple[str, ...]
    split: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance_matrix: NDArray[np.float64]
    covariance_kind: str
    loglik: float
    loglik_equal: float
    df_equal: int
    convergence: Mapping[str, Any] = field(default_factory=dict)

    convention = "exact"

    def __repr__(self) -> str:
        design = self.problem.design
        return (
            f"<RegimeFit of {design.outcome!r}, {self.problem.effects} effects ({self.convention}), "
            f"n = {design.n}, T = {design.T}, rho {self['rho[1]']:.4f} and {self['rho[0]']:.4f}, "
            f"log-likelihood {self.loglik:.4f}>"
        )

    def to_frame(self, level: float | None = None) -> pd.DataFrame:
        """Return one row per parameter.

        Parameters
        ----------
        level : float, optional
            Level of the intervals; without it the frame has none.

        Returns
        -------
        DataFrame
            Columns estimate, std_error, z, p_value; with a level ci_low and ci_high.
        """
        frame = super().to_frame(0.95 if level is None else level)
        return frame.drop(columns=["ci_low", "ci_high"]) if level is None else frame

    def describe(self) -> Description:
        """Return what a table says of these estimates besides their numbers.

        Returns
        -------
        Description
            Model, effects, weights, statistics and notes.
        """
        design, effects = self.problem.design, self.problem.effects
        assert design.lags is not None
        first = design.lags.by_period[0]
        size, p = design.n * design.T, len(self.names)
        return Description(
            model="SDM, two regimes" if self.durbin else "SAR, two regimes",
            outcome=design.outcome,
            effects=effects,
            correction=f"{self.convention} ({DESCRIPTIONS[self.convention]})",
            covariance=self.covariance_kind,
            weights=weights_text({"lag": {"kind": first.kind, "normalisation": first.normalisation}}),
            periods=f"{design.periods[0]} to {design.periods[-1]}",
            statistics={
                "n": design.n,
                "T": design.T,
                "n_effective": size,
                "loglik": self.loglik,
                "aic": 2 * p - 2 * self.loglik,
                "bic": float(p * np.log(size) - 2 * self.loglik),
            },
        )

    def equality_tests(self) -> pd.DataFrame:
        """Test that regimes are equal: hypothesis, test, statistic, df, p_value (chi-squared).

        Rows: Wald test of equal rho; where coefficients differ too, Wald test of all pairs; and the
        likelihood-ratio test against the plain model.

        Returns
        -------
        DataFrame
            Columns hypothesis, test, statistic, df and p_value.
        """
        import pandas as pd
        from scipy.stats import chi2

        pairs = [(name[:-3], name, name[:-3] + "[0]") for name in self.names if name.endswith("[1]")]
        hypotheses = {"rho": [p for p in pairs if p[0] == "rho"]}
        if self.split == "all":
            hypotheses["rho and coefficients"] = pairs
        rows = [(name, "Wald", self._wald(chosen), len(chosen)) for name, chosen in hypotheses.items()]
        ratio = 2 * (self.loglik - self.loglik_equal)
        rows.append((list(hypotheses)[-1], "likelihood ratio", ratio, self.df_equal))
        frame = pd.DataFrame(rows, columns=["hypothesis", "test", "statistic", "df"])
        frame["p_value"] = chi2.sf(frame["statistic"], frame["df"])
        return frame

    def effects(
        self, draws: int = 1000, seed: int = 1, level: float = 0.95, df: float | None = None
    ) -> Effects:
        """Return the effects on the units of each regime, with simulated and delta-method errors.

        With ``M_t = S_t (diag(b) + diag(th) W)``, b and th those of each row's regime, the direct effect in a
        regime is the mean of ``M_t,ii`` and the total effect the mean of ``sum_j M_t,ij`` over its units and
        periods.

        Parameters
        ----------
        draws : int, default 1000
            Draws from N(estimate, covariance); zero for delta-method errors alone.
        seed : int, default 1
            Seed of the draws.
        level : float, default 0.95
            Level of the intervals, in (0, 1).
        df : float, optional
            Degrees of freedom that intervals and p-values refer to, by default n - 1.

        Returns
        -------
        Effects
            Terms are named ``x[1]`` and ``x[0]``.

        Raises
        ------
        ConvergenceError
            If hardly any draw is admissible.
        """
        labels = tuple(f"{term}[{r}]" for term in self.terms for r in REGIMES)
        at = selected(labels, np.eye(len(self.names))[:-1], self.values, self.covariance_matrix)
        count = self.problem.design.n - 1 if df is None else df
        estimate, slopes = self._effects_at(self.values)
        error = np.sqrt(((slopes[..., :-1] @ at.root) ** 2).sum(axis=2))
        quantile, drawn_level = reference_quantile(level, count)
        sample, share = self._draw(at, draws, seed)
        simulated = np.array([self._effects_at(np.append(v, 1.0))[0] for v in sample]).reshape(
            -1, *estimate.shape
        )
        mean, spread, interval = simulated_moments(simulated, drawn_level)
        bounds = np.stack([estimate - quantile * error, estimate + quantile * error], axis=-1)
        return Effects(
            labels, estimate, mean, spread, error, interval, bounds, simulated, share, level, seed, count,
            simulation_error=percentile_error(simulated, drawn_level),
        )  # fmt: skip

    def _draw(self, at: Coefficients, draws: int, seed: int) -> tuple[NDArray[np.float64], float]:
        def admissible(sample: NDArray) -> NDArray:
            return np.array([self.problem.is_admissible(v[-2:]) for v in sample], dtype=bool)

        return draw_where(at, admissible, "rho of the regimes", "regular I - s R W", draws, seed)

    def _effects_at(self, values: NDArray) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return effects (2 K, 3), terms slow and regimes fast, and their slopes (2 K, 3, p)."""
        p, rho = len(self.names), values[-3:-1]
        found, slopes = np.zeros((len(self.terms), 2, 3)), np.zeros((len(self.terms), 2, 3, p))
        sizes = np.array([self.problem.member.sum(), (1 - self.problem.member).sum()])
        for w, row, periods in self.problem.cases:
            dense, members = w.to_dense(), np.stack([row, 1 - row])
            inverted = np.linalg.inv(np.eye(w.n) - _mixed(rho, row)[:, None] * dense)
            share = len(periods) * members / sizes[:, None]
            for k, term in enumerate(self.terms):
                matrices = self._matrices(term, values, dense, members, inverted)
                found[k] += _averages(matrices.pop(-1), share)
                for position, matrix in matrices.items():
                    slopes[k, :, :, position] += _averages(matrix, share)
        return found.reshape(-1, 3), slopes.reshape(-1, 3, p)

    def _matrices(
        self, term: str, values: NDArray, w: NDArray, members: NDArray, inverted: NDArray
    ) -> dict[int, NDArray[np.float64]]:
        """Return the effect matrix under -1 and its derivatives under the parameters' positions."""
        whole: NDArray[np.float64] = np.zeros_like(w)
        found: dict[int, NDArray[np.float64]] = {}
        for name, right in ((term, np.eye(len(w))), (f"W_{term}", w)):
            for r, row in zip(REGIMES, members, strict=True):
                for full in (f"{name}[{r}]", name):
                    if full in self.names:
                        place = self.names.index(full)
                        part = inverted @ (row[:, None] * right)
                        found[place] = found.get(place, 0.0) + part
                        whole = whole + values[place] * part
        for r, row in zip(REGIMES, members, strict=True):
            found[self.names.index(f"rho[{r}]")] = inverted @ (row[:, None] * (w @ whole))
        found[-1] = whole
        return found

    def _wald(self, pairs: Sequence[tuple[str, str, str]]) -> float:
        rows = np.zeros((len(pairs), len(self.names)))
        for row, (_, one, zero) in zip(rows, pairs, strict=True):
            row[self.names.index(one)], row[self.names.index(zero)] = 1.0, -1.0
        gap = rows @ self.values
        return float(gap @ np.linalg.solve(rows @ self.covariance_matrix @ rows.T, gap))


def fit_regimes(
    data: Any,
    weights: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    regime: str,
    durbin: str | Sequence[str] | None = "all",
    effects: str = "twoways",
    split: str = "all",
    correction: str = "exact",
    covariance: str = "information",
    islands: str = "refuse",
) -> RegimeFit:
    """Estimate a two-regime SDM, or SAR with ``durbin=None``, by maximum likelihood.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : Weights, anything `Weights.coerce` accepts, or a list of T of them
        Spatial weights with the panel's units in the panel's order.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    regime : str
        Column of zeros and ones: the regime of the receiving unit, in every unit and period. It shifts no
        intercept; name it among the regressors too if it should (then with ``split="rho"``).
    durbin : "all", sequence of str, or None, default "all"
        Regressors whose spatial lags are included.
    effects : {"twoways", "individual", "time", "pooled"}, default "twoways"
        Fixed effects of the model.
    split : {"all", "rho"}, default "all"
        What differs between regimes: rho and all coefficients, or rho alone. An intercept is common.
    correction : {"exact"}, default "exact"
        Maximum likelihood with dummies.
    covariance : {"information", "hessian"}, default "information"
        Kind of covariance, a key of `covariance.COVARIANCES`.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    RegimeFit
        Estimates by regime.

    Raises
    ------
    ConfigError
        If an option is unknown, another correction is asked for, or the units are more than `MAX_UNITS`.
    DataError
        If the regime is not zero or one, or always the same.
    IdentificationError
        If columns are collinear once the effects are removed (named), or observations too few.
    ConvergenceError
        If the search does not end inside the admissible region.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel import fit_regimes
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> regime = np.tile(np.arange(16) % 2, (6, 1)).astype(float)
    >>> panel = panel.with_variables({"coastal": regime})
    >>> fit = fit_regimes(panel, weights, outcome="y", regressors=["x1"], regime="coastal")
    >>> fit.equality_tests()[["hypothesis", "test", "df"]]
                 hypothesis              test  df
    0                   rho              Wald   1
    1  rho and coefficients              Wald   3
    2  rho and coefficients  likelihood ratio   3
    """
    _check_options(effects, split, covariance, correction)
    lagged = tuple(regressors) if durbin == "all" else tuple(durbin or ())
    panel, member = _regime_of(data, regime, (outcome, *regressors))
    common: dict[str, Any] = {"outcome": outcome, "regressors": regressors, "islands": islands}
    design = build_design(panel, weights, durbin=lagged, intercept=effects == "pooled", **common)
    problem = _problem(design, member, effects, split)
    equal = _equal(panel, weights, durbin=lagged or None, effects=effects, **common)
    return _fit(problem, split, covariance, equal)


def _fit(problem: RegimeProblem, split: str, covariance: str, equal: float) -> RegimeFit:
    rho, record = _maximise(problem)
    beta, sigma2, loglik = _solved(problem, rho)
    values = np.array([*beta, *rho, sigma2])
    matrix = (_information if covariance == "information" else _observed)(problem, values)
    design = problem.design
    return RegimeFit(
        problem=problem,
        terms=tuple(r for r in design.regressors if r != INTERCEPT),
        durbin=design.durbin,
        split=split,
        names=(*problem.names, "rho[1]", "rho[0]", "sigma2"),
        values=values,
        covariance_matrix=inverse(matrix),
        covariance_kind=covariance,
        loglik=loglik,
        loglik_equal=equal,
        df_equal=sum(name.endswith("[1]") for name in problem.names) + 1,
        convergence=record,
    )


def by_group(data: Panel | pd.DataFrame, variables: Sequence[str], groups: Mapping[str, str]) -> Panel:
    """Add the interactions of variables with groups of units, for coefficients by group.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the variables.
    variables : sequence of str
        Names of the variables to multiply with the groups.
    groups : mapping of str to str
        Group of every unit.

    Returns
    -------
    Panel
        With a variable ``"x[g]"`` for every variable x and group g, zero outside the group. They replace x
        among the regressors.

    Raises
    ------
    DataError
        If a unit has no group.

    Examples
    --------
    >>> from shuyi.spatialpanel import by_group
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> groups = {unit: "east" if i < 8 else "west" for i, unit in enumerate(panel.units)}
    >>> by_group(panel, ["x1"], groups).variables
    ('y', 'x1', 'x1[east]', 'x1[west]')
    """
    panel = data if isinstance(data, Panel) else Panel.from_frame(data)
    without = [u for u in panel.units if u not in groups]
    if without:
        raise DataError("Units without a group.", expected="a group for every unit", found=offenders(without))
    names = sorted({str(groups[u]) for u in panel.units})
    inside = np.array([[float(str(groups[u]) == g) for u in panel.units] for g in names])
    added = [panel[v] * row for v in variables for row in inside]
    values = np.concatenate([panel.values, np.stack(added, axis=2)], axis=2)
    variables = (*panel.variables, *(f"{v}[{g}]" for v in variables for g in names))
    return Panel(values, panel.units, panel.periods, variables, panel.unit_names, panel.measures)


def _check_options(effects: str, split: str, covariance: str, correction: str) -> None:
    check_known(effects, FIXED_EFFECTS, "effects structure")
    check_known(split, SPLITS, "split")
    check_known(covariance, COVARIANCES, "covariance of a two-regime model")
    if correction != "exact":
        raise ConfigError(
            "A two-regime model has no transformation that removes its fixed effects: D W does not keep the "
            "constant vector, as W with rows that sum to one does, so that time effects stay in D W y.",
            expected="correction='exact'",
            found=f"correction={correction!r}",
            remedy="estimate by 'exact', and judge its bias with a parametric bootstrap of the plain model",
        )


def _regime_of(data: Any, regime: str, variables: tuple[str, ...]) -> tuple[Panel, NDArray[np.float64]]:
    wanted = list(dict.fromkeys((*variables, regime)))
    if not isinstance(data, Panel):
        data = Panel.from_frame(data, variables=wanted)
    member = data[regime]
    wrong = np.argwhere((member != 0) & (member != 1))
    if len(wrong) or not 0 < member.sum() < member.size:
        cells = [f"{member[t, i]:g} of {data.units[i]} in {data.periods[t]}" for t, i in wrong]
        raise DataError(
            f"The regime {regime!r} does not divide the sample in two.",
            expected="zeros and ones, both of them",
            found=offenders(cells) if cells else f"{member.flat[0]:g} everywhere",
        )
    return data, member


def _problem(design: Design, member: NDArray, effects: str, split: str) -> RegimeProblem:
    if design.lags is None:
        raise ConfigError("A two-regime model needs spatial weights.", found="weights=None")
    if design.n > MAX_UNITS:
        raise ConfigError(
            "The log-determinant of two regimes is computed densely.",
            expected=f"at most {MAX_UNITS} units",
            found=f"{design.n} units",
        )
    x = np.concatenate([design.x, design.lags.lag(design.x[:, :, design.durbin_positions])], axis=2)
    columns, names = [], []
    regimes = list(zip(REGIMES, (member, 1.0 - member), strict=True))
    for j, name in enumerate(design.names):
        parts = regimes if split == "all" and name != INTERCEPT else [("", np.ones_like(member))]
        columns += [row * x[:, :, j] for _, row in parts]
        names += [f"{name}[{r}]" if r else name for r, _ in parts]
    lagged = design.lags.lag(design.y)
    wy = np.stack([row * lagged for _, row in regimes], axis=2)
    transformed = (within(a, effects) for a in (np.stack(columns, axis=2), design.y, wy))
    problem = RegimeProblem(design, effects, member, tuple(names), *transformed)
    check_enough_observations(effects, design.n, design.T, len(names) + 3)
    _check_not_collinear(problem)
    return problem


def _check_not_collinear(problem: RegimeProblem) -> None:
    data = stack(np.concatenate([problem.x, problem.wy], axis=2))
    triangle = np.asarray(np.linalg.qr(data, mode="r"))
    lengths = np.sqrt((data**2).sum(axis=0))
    scale = np.maximum(lengths, np.sqrt(lengths.max() * np.finfo(float).eps))
    wrong = dependent_columns((*problem.names, "rho[1]", "rho[0]"), triangle, scale)
    if wrong:
        raise IdentificationError(
            "Columns are absorbed by the effects or collinear.",
            expected="linearly independent columns in each regime once the effects are removed",
            found=offenders(wrong),
            remedy="leave them out, or use split='rho'",
        )


def _mixed(rho: NDArray, row: NDArray) -> NDArray[np.float64]:
    return rho[0] * row + rho[1] * (1 - row)


def _generators(rho: NDArray, w: Weights, row: NDArray) -> list[NDArray[np.float64]]:
    """Return ``D W (I - R W)^{-1}`` and ``(I - D) W (I - R W)^{-1}``."""
    dense = w.to_dense()
    whole = np.linalg.solve((np.eye(w.n) - _mixed(rho, row)[:, None] * dense).T, dense.T).T
    return [row[:, None] * whole, (1 - row)[:, None] * whole]


def _maximise(problem: RegimeProblem) -> tuple[NDArray[np.float64], dict[str, Any]]:
    data = stack(np.concatenate([problem.x, problem.y[:, :, None], problem.wy], axis=2))
    k = len(problem.names)
    rest: NDArray[np.float64] = np.linalg.qr(data, mode="r")[k:, k:]  # type: ignore[call-overload]
    products = rest.T @ rest
    starts = [problem.safe * np.array([a, b]) for a in GRID for b in GRID]
    best = sorted(starts, key=lambda rho: -_concentrated(problem, products, rho)[0])[:2]
    found = [_newton(problem, products, start) for start in best]
    rho, iterations, gradient, _ = max(found, key=lambda f: f[3])
    return rho, {"iterations": iterations, "gradient": gradient, "starts": len(best)}


def _concentrated(
    problem: RegimeProblem, products: NDArray, rho: NDArray
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    half = 0.5 * problem.y.size
    a = np.array([1.0, -rho[0], -rho[1]])
    square, slope = float(a @ products @ a), -2 * (products @ a)[1:]
    value, first, second = problem.log_determinant(rho)
    curvature = 2 * products[1:, 1:] / square - np.outer(slope, slope) / square**2
    return value - half * np.log(square), first - half * slope / square, second - half * curvature


def _newton(
    problem: RegimeProblem, products: NDArray, rho: NDArray
) -> tuple[NDArray[np.float64], int, float, float]:
    value, gradient, hessian = _concentrated(problem, products, rho)
    for iteration in range(1, MAX_ITERATIONS + 1):
        roots, vectors = np.linalg.eigh(hessian)
        floor = 1e-8 * max(1.0, float(np.abs(roots).max()))
        step = vectors @ ((vectors.T @ gradient) / np.maximum(np.abs(roots), floor))
        if float(np.abs(step).max()) <= STEP_TOLERANCE:
            return rho, iteration, float(np.abs(gradient).max()), value
        size = 1.0
        while size > 1e-12:
            new = rho + size * step
            if problem.is_admissible(new):
                tried = _concentrated(problem, products, new)
                if tried[0] > value:
                    break
            size /= 2
        else:
            return rho, iteration, float(np.abs(gradient).max()), value
        rho, (value, gradient, hessian) = new, tried
    raise ConvergenceError(
        "The search for the two rho did not end.",
        expected=f"convergence within {MAX_ITERATIONS} Newton steps",
        found=f"rho = {rho[0]:.4f}, {rho[1]:.4f}",
        remedy="a regime with few observations may not identify its rho",
    )


def _solved(problem: RegimeProblem, rho: NDArray) -> tuple[NDArray[np.float64], float, float]:
    """Return coefficients, sigma2 and the log-likelihood with its constants at the best coefficients."""
    right = stack((problem.y - problem.wy @ rho)[:, :, None])[:, 0]
    columns = stack(problem.x)
    beta: NDArray[np.float64] = np.linalg.lstsq(columns, right, rcond=None)[0].astype(np.float64)
    e = right - columns @ beta
    size = problem.y.size
    sigma2 = float(e @ e) / size
    loglik = problem.log_determinant(rho)[0] - 0.5 * size * (np.log(2 * np.pi * sigma2) + 1)
    return beta, sigma2, float(loglik)


def _information(problem: RegimeProblem, values: NDArray) -> NDArray[np.float64]:
    """Return the expected information: `covariance.expected_information` with one generator per regime."""
    rho, s2, k = values[-3:-1], values[-1], len(problem.names)
    e = problem.y - problem.x @ values[:k] - problem.wy @ rho
    design = problem.design
    assert design.lags is not None
    lagged = design.lags.lag(design.y)
    signal = design.y - _mixed(rho, problem.member) * lagged - e
    means = np.empty((*e.shape, 2))
    info = np.zeros((k + 3, k + 3))
    for w, row, periods in problem.cases:
        generators = _generators(rho, w, row)
        for a, g in enumerate(generators):
            means[periods, :, a] = signal[periods] @ g.T
            info[k + a, -1] += len(periods) * np.trace(g) / s2
            for b, h in enumerate(generators):
                info[k + a, k + b] += len(periods) * float((g * h.T).sum() + (g * h).sum())
    columns = stack(np.concatenate([problem.x, within(means, problem.effects)], axis=2))
    info[:-1, :-1] += columns.T @ columns / s2
    info[-1, :-1] = info[:-1, -1]
    info[-1, -1] = problem.y.size / (2 * s2**2)
    return info


def _observed(problem: RegimeProblem, values: NDArray) -> NDArray[np.float64]:
    """Return minus the Hessian of the log-likelihood."""
    rho, s2, k = values[-3:-1], values[-1], len(problem.names)
    e = stack((problem.y - problem.x @ values[:k] - problem.wy @ rho)[:, :, None])[:, 0]
    columns = stack(np.concatenate([problem.x, problem.wy], axis=2))
    found = np.zeros((k + 3, k + 3))
    found[:-1, :-1] = columns.T @ columns / s2
    found[k:-1, k:-1] -= problem.log_determinant(rho)[2]
    found[-1, :-1] = found[:-1, -1] = columns.T @ e / s2**2
    found[-1, -1] = float(e @ e) / s2**3 - problem.y.size / (2 * s2**2)
    return found


def _equal(panel: Panel, weights: Any, **options: Any) -> float:
    """Return the log-likelihood of the plain model with the same regressors and effects."""
    from shuyi.spatialpanel.models import SAR, SDM

    model = (SDM if options["durbin"] else SAR)(panel, weights, **options)
    return model.fit("exact").loglik


def _averages(matrix: NDArray, share: NDArray) -> NDArray[np.float64]:
    """Return direct, indirect and total effects of both regimes, shape (2, 3)."""
    direct, total = share @ np.diag(matrix), share @ matrix.sum(axis=1)
    return np.stack([direct, total - direct, total], axis=1)
