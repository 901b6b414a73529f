"""From data and weights to arrays: names, alignment and everything that can be refused before estimation."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import (
    AlignmentError,
    ConfigError,
    DataError,
    WeightsError,
    check_known,
    did_you_mean,
    offenders,
)
from shuyi.panel import Panel, read_periods
from shuyi.weights import Weights, check_aligned
from shuyi.weights.container import how_to_standardise

if TYPE_CHECKING:
    from numpy.typing import NDArray

INTERCEPT = "const"
RESERVED = ("rho", "lam", "tau", "eta", "sigma2", "sigma2_mu", INTERCEPT, "intercept", "unit", "period")
LAG_PREFIX = re.compile(r"[WL]\d*_")
"""How names of spatial lags and lags in time begin."""
LARGEST = 1e75
"""Largest absolute value of a variable: fourth powers are formed of it."""
ISLAND_RULES = ("refuse", "keep")


@dataclass(frozen=True, slots=True, eq=False)
class Lags:
    """Spatial weights over time: one matrix for all periods, or one per period.

    Attributes
    ----------
    by_period : tuple of Weights
        Length 1 or T.
    """

    by_period: tuple[Weights, ...]

    @property
    def is_constant(self) -> bool:
        """Whether one matrix serves all periods."""
        return len(self.by_period) == 1

    @property
    def is_row_standardised(self) -> bool:
        """Whether every row of every matrix sums to one."""
        return all(w.is_row_standardised for w in self.by_period)

    def at(self, t: int) -> Weights:
        """Return the weights of period t.

        Parameters
        ----------
        t : int
            Position of the period, from zero.

        Returns
        -------
        Weights
            The same object for all periods where the weights are constant.
        """
        return self.by_period[0 if self.is_constant else t]

    def lag(self, values: NDArray) -> NDArray:
        """Return ``W_t values_t`` for an array of shape (T, n) or (T, n, k).

        Parameters
        ----------
        values : ndarray, shape (T, n) or (T, n, k)
            One value (or k values) per period and unit.

        Returns
        -------
        ndarray of the same shape
            Spatial lags by period.
        """
        if self.is_constant:
            return self.by_period[0].lag(values)
        return np.concatenate([w.lag(v[None]) for w, v in zip(self.by_period, values, strict=True)])

    def distinct(self, T: int) -> list[tuple[Weights, list[int]]]:
        """Return each different matrix with the periods it serves, in order of appearance.

        Parameters
        ----------
        T : int
            Number of periods.

        Returns
        -------
        list of (Weights, list of int)
            Weights and the positions of their periods.
        """
        periods: dict[int, tuple[Weights, list[int]]] = {}
        for t in range(T):
            w = self.at(t)
            periods.setdefault(id(w), (w, []))[1].append(t)
        return list(periods.values())


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """The data of one model, aligned and complete.

    Attributes
    ----------
    outcome : str
        Name of the dependent variable.
    regressors : tuple of str, length k
        Columns of `x`, with the intercept first where there is one.
    durbin : tuple of str
        The regressors whose spatial lags are included.
    y : ndarray, shape (T, n)
        Outcome.
    x : ndarray, shape (T, n, k)
        Untransformed and without spatial lags.
    units : tuple
        Labels of the units.
    periods : tuple
        Years or other periods, increasing.
    lags : Lags or None
        Weights of the spatial lags of the outcome and of the regressors.
    error_lags : Lags or None
        Weights of the spatial error process.
    """

    outcome: str
    regressors: tuple[str, ...]
    durbin: tuple[str, ...]
    y: NDArray[np.float64]
    x: NDArray[np.float64]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    lags: Lags | None
    error_lags: Lags | None

    @property
    def n(self) -> int:
        """Number of units."""
        return len(self.units)

    @property
    def T(self) -> int:  # noqa: N802 - the field's symbol
        """Number of periods."""
        return len(self.periods)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all coefficients: the regressors, then their spatial lags."""
        return (*self.regressors, *(f"W_{z}" for z in self.durbin))

    @property
    def durbin_positions(self) -> list[int]:
        """Columns of `x` whose spatial lags are included."""
        return [self.regressors.index(z) for z in self.durbin]


def build_design(
    data: Any,
    weights: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    durbin: Sequence[str],
    intercept: bool,
    error_weights: Any = None,
    has_error: bool = False,
    islands: str = "refuse",
) -> Design:
    """Align data and weights and refuse what cannot be estimated.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : Weights, libpysal Graph or W, labelled square DataFrame, T of them, or None
        T matrices as a sequence in the order of the periods, or by period as a mapping.
    outcome : str
        Name of the dependent variable.
    regressors, durbin : sequence of str
        `durbin` is a subset of `regressors`.
    intercept : bool
        Whether a constant is put first among the regressors.
    error_weights : as `weights`, optional
        Weights of the error process; those of the lag where None.
    has_error : bool, default False
        Whether the model has a spatial error process.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with a unit without neighbours; kept, its spatial lags are zero.

    Returns
    -------
    Design
        Aligned, complete and finite.

    Raises
    ------
    ConfigError
        If names repeat, clash with parameter names, or `durbin` is not among the regressors.
    DataError
        If the panel is unbalanced, lacks a variable, or holds a missing or infinite value.
    AlignmentError
        If weights and panel name other units or hold them in another order.
    WeightsError
        If the weights are inadmissible or hold an island that no rule allows.

    Examples
    --------
    >>> from shuyi.spatialpanel.design import build_design
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> design = build_design(panel, weights, outcome="y", regressors=["x1"], durbin=["x1"], intercept=False)
    >>> design.names, design.y.shape
    (('x1', 'W_x1'), (6, 16))
    """
    regressors, durbin = tuple(regressors), tuple(durbin)
    _check_names(outcome, regressors, durbin)
    panel = _as_panel(data, (outcome, *regressors))
    values = panel.array((outcome, *regressors))
    _check_finite(values, panel, (outcome, *regressors))
    _check_size(values, (outcome, *regressors))
    lags = _as_lags(weights, panel, islands) if weights is not None else None
    error_lags = None
    if has_error:
        error_lags = lags if error_weights is None else _as_lags(error_weights, panel, islands)
    y, x = values[:, :, 0], values[:, :, 1:]
    if intercept:
        x = np.concatenate([np.ones((*y.shape, 1)), x], axis=2)
        regressors = (INTERCEPT, *regressors)
    return Design(outcome, regressors, durbin, y, x, panel.units, panel.periods, lags, error_lags)


def _check_names(outcome: str, regressors: tuple[str, ...], durbin: tuple[str, ...]) -> None:
    _check_own_names((outcome, *regressors))
    names = (*regressors, *(f"W_{z}" for z in durbin))
    repeated = sorted({name for name in (outcome, *names) if (outcome, *names).count(name) > 1})
    if repeated:
        raise ConfigError("A model names each variable once.", found=f"repeated: {offenders(repeated)}")
    reserved = [name for name in (outcome, *names) if name in RESERVED]
    if reserved:
        raise ConfigError(
            "A variable has the name of a parameter or of a level of the index.",
            expected=f"other names than {', '.join(RESERVED)}",
            found=offenders(reserved),
            remedy="rename the column; the intercept of a pooled model is added by itself",
        )
    unknown = [z for z in durbin if z not in regressors]
    if unknown:
        raise ConfigError(
            "A spatial lag is asked for a variable that is not among the regressors.",
            expected=f"durbin: a subset of {offenders(regressors, 12)}",
            found=offenders(unknown),
            remedy=did_you_mean(unknown[0], regressors) or "add it to the regressors",
        )


def _check_own_names(names: tuple[str, ...]) -> None:
    """Refuse names that a table would take for something else."""
    nameless = [repr(name) for name in names if not isinstance(name, str) or not name.strip()]
    if nameless:
        raise ConfigError("Variables are named by text.", found=offenders(nameless))
    lags = [name for name in names if LAG_PREFIX.match(name)]
    means = [name for name in names if name.startswith("mean_") and name.removeprefix("mean_") in names]
    if lags or means:
        raise ConfigError(
            "A variable has a name that the model gives itself.",
            expected="no name that begins with W_ (spatial lag) or L_ (lag in time), nor mean_x beside x",
            found=offenders([*lags, *means]),
            remedy="rename the column; for a spatial lag use the option durbin, for a lag in time dynamic",
        )


def _as_panel(data: Any, variables: tuple[str, ...]) -> Panel:
    if isinstance(data, Panel):
        return data
    if type(data).__name__ != "DataFrame":
        raise DataError(
            "Data must carry the names of units and periods.",
            expected="a Panel, or a DataFrame indexed by (unit, period)",
            found=f"an object of type {type(data).__name__}",
            remedy="call frame.set_index([unit_column, period_column])",
        )
    return Panel.from_frame(data, variables=variables)


def check_kept_dummies(error: Lags, effects: str, instead: str) -> None:
    """Raise ConfigError if filtering by the error weights changes the time dummies.

    Parameters
    ----------
    error : Lags
        Weights of the error process.
    effects : {"pooled", "individual", "time", "twoways"}
        Effects that are removed.
    instead : str
        Another way out than other weights or other effects.

    Raises
    ------
    ConfigError
        If there are time effects and rows of the error weights that do not sum to one.
    """
    if effects in ("time", "twoways") and not error.is_row_standardised:
        raise ConfigError(
            f"A spatial error process with {effects} effects needs row-standardised error weights: "
            "otherwise filtering changes the time dummies.",
            expected="error weights whose rows all sum to one",
            found="error weights with other row sums",
            remedy=f"{how_to_standardise(error.by_period)}, use individual effects, or {instead}",
        )


def _by_period(weights: Mapping[Any, Any], panel: Panel) -> list[Any]:
    """Return weights that are labelled by period, in the panel's order of periods."""
    given = dict(zip(read_periods(weights), weights.values(), strict=True))
    lacking = [period for period in panel.periods if period not in given]
    if lacking:
        raise AlignmentError(
            "Weights that vary by period lack periods of the panel.",
            expected=f"a matrix for each of {offenders(panel.periods)}",
            found=f"none for {offenders(lacking)}",
        )
    return [given[period] for period in panel.periods]


def _check_finite(values: NDArray, panel: Panel, variables: tuple[str, ...]) -> None:
    wrong = np.argwhere(~np.isfinite(values))
    if len(wrong):
        cells = [f"{variables[v]} of {panel.units[i]} in {panel.periods[t]}" for t, i, v in wrong]
        raise DataError(
            "The data hold missing or infinite values.",
            expected="a finite number in every cell",
            found=offenders(cells),
            remedy="fill, transform or leave out these units or periods before estimation",
        )


def _check_size(values: NDArray, variables: tuple[str, ...]) -> None:
    """Refuse variables whose squares overflow or vanish."""
    largest = np.abs(values).max(axis=(0, 1))
    wrong = [
        f"{name}: {size:.3g}"
        for name, size in zip(variables, largest, strict=True)
        if size > LARGEST or 0 < size < 1 / LARGEST
    ]
    if wrong:
        raise DataError(
            "Variables are too large or too small for their squares to be computed.",
            expected=f"largest absolute values between {1 / LARGEST:g} and {LARGEST:g}",
            found=offenders(wrong),
            remedy="use another unit of measurement",
        )


def _as_lags(weights: Any, panel: Panel, islands: str) -> Lags:
    check_known(islands, ISLAND_RULES, "rule for islands")
    if isinstance(weights, Mapping):
        weights = _by_period(weights, panel)
    several = isinstance(weights, list | tuple)
    given = weights if several else [weights]
    if several and len(given) != panel.T:
        raise AlignmentError(
            "Weights that vary by period need one matrix per period.",
            expected=f"{panel.T} matrices, for {panel.periods[0]} to {panel.periods[-1]}",
            found=f"{len(given)} matrices",
        )
    coerced: dict[int, Weights] = {id(w): Weights.coerce(w) for w in given}
    for w in coerced.values():
        check_aligned(panel.units, w)
        if islands == "refuse" and w.islands:
            raise WeightsError(
                "The weights hold units without a neighbour, and no rule says what to do with them.",
                found=f"islands: {offenders(w.islands)}",
                remedy="link them to a neighbour when the weights are built, or say islands='keep'",
            )
    if len(coerced) == 1:
        return Lags((next(iter(coerced.values())),))
    return Lags(tuple(coerced[id(w)] for w in given))
