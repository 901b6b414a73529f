"""What is printed in a table of a spatial panel study, as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shuyi.review.numbers import Number

KINDS = ("se", "t", "z", "p")
"""What numbers in parentheses may be: standard errors, t or z statistics, p-values."""
MODELS = ("ols", "slx", "sar", "sem", "sdm", "sdem", "sac", "gns")
LAGGED = frozenset({"sar", "sdm", "sac", "gns"})
"""Models with a spatial lag of the outcome."""
DURBIN = frozenset({"slx", "sdm", "sdem", "gns"})
"""Models with spatial lags of regressors."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A printed coefficient with what stands beside it.

    Parameters
    ----------
    value : Number
        The coefficient.
    beside : Number, optional
        The number in parentheses.
    stars : int, optional
        How many stars stand behind the coefficient; None where the table could not say.
    kind : {"", "se", "t", "z", "p"}
        What the number in parentheses is, where it differs from the rest of the table.
    t, p : Number, optional
        A t or z statistic and a p-value that are printed beside a standard error.
    """

    value: Number
    beside: Number | None = None
    stars: int | None = None
    kind: str = ""
    t: Number | None = None
    p: Number | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """Direct, indirect and total effect of one regressor.

    Parameters
    ----------
    direct, indirect, total : Estimate, optional
        Those that are printed.
    """

    direct: Estimate | None = None
    indirect: Estimate | None = None
    total: Estimate | None = None


@dataclass(frozen=True)
class Column:
    """One estimated model of a table.

    Parameters
    ----------
    name : str
        Heading of the column.
    model : str
        One of `MODELS`, or empty where the table does not say.
    b, theta : mapping of str to Estimate
        Coefficients of regressors and of their spatial lags, by regressor.
    rho, lam, tau, eta : Estimate, optional
        Spatial lag, spatial error, lag in time, spatial lag in time.
    sigma2 : Estimate, optional
        Variance of the errors.
    loglik, r2 : Number, optional
        Log-likelihood and R squared.
    r2_label : str
        What the table calls its R squared.
    aic, bic : Number, optional
        Information criteria.
    N, n, T : int, optional
        Observations, units, periods of this column, where they differ from the table's.
    n_effective : int, optional
        Observations that the likelihood counts, where they are printed.
    effects, short, long : mapping of str to Effect
        Effects of a static model; short and long run of a dynamic one; by regressor.
    """

    name: str
    model: str = ""
    b: Mapping[str, Estimate] = field(default_factory=dict)
    theta: Mapping[str, Estimate] = field(default_factory=dict)
    rho: Estimate | None = None
    lam: Estimate | None = None
    tau: Estimate | None = None
    eta: Estimate | None = None
    sigma2: Estimate | None = None
    loglik: Number | None = None
    r2: Number | None = None
    r2_label: str = ""
    aic: Number | None = None
    bic: Number | None = None
    N: int | None = None
    n: int | None = None
    T: int | None = None
    n_effective: int | None = None
    effects: Mapping[str, Effect] = field(default_factory=dict)
    short: Mapping[str, Effect] = field(default_factory=dict)
    long: Mapping[str, Effect] = field(default_factory=dict)

    @property
    def is_dynamic(self) -> bool:
        """Whether a lag in time is printed."""
        return self.tau is not None or self.eta is not None


@dataclass(frozen=True, slots=True)
class PrintedTest:
    """A test statistic with its p-value.

    Parameters
    ----------
    name : str
        As printed.
    statistic : Number
        The statistic.
    p : Number, optional
        The p-value.
    df : int, optional
        Degrees of freedom, where printed.
    stars : int, optional
        Stars behind the statistic.
    distribution : {"chi2", "normal", ""}
        Distribution under the null hypothesis; empty where it is another or unknown.
    kind : str
        What it tests (`vocabulary.kind_of_test`), or empty.
    column : str
        Column or model that it belongs to.
    """

    name: str
    statistic: Number
    p: Number | None = None
    df: int | None = None
    stars: int | None = None
    distribution: str = ""
    kind: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class LMBlock:
    """Lagrange multiplier tests of one non-spatial model.

    Parameters
    ----------
    name : str
        Model or weights.
    lag, error, robust_lag, robust_error, joint : PrintedTest, optional
        Those that are printed; ``joint`` tests lag and error together.
    """

    name: str
    lag: PrintedTest | None = None
    error: PrintedTest | None = None
    robust_lag: PrintedTest | None = None
    robust_error: PrintedTest | None = None
    joint: PrintedTest | None = None


@dataclass(frozen=True, slots=True)
class MoranRow:
    """Moran's I of one period.

    Parameters
    ----------
    group : str
        Variable and weights; the identities compare rows of one group.
    period : str
        Usually a year.
    statistic : Number
        Moran's I.
    z, sd, expected, p : Number, optional
        Standardised value, standard deviation, expectation, p-value.
    stars : int, optional
        Stars behind the statistic.
    quadrants : tuple of int
        Units in the quadrants of the scatterplot, where printed.
    """

    group: str
    period: str
    statistic: Number
    z: Number | None = None
    sd: Number | None = None
    expected: Number | None = None
    p: Number | None = None
    stars: int | None = None
    quadrants: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexWeight:
    """Weight of an indicator in a composite index.

    Parameters
    ----------
    indicator : str
        Name of the indicator.
    weight : Number
        Its printed weight.
    entropy : Number, optional
        Its printed entropy.
    dimension : str
        Dimension that it belongs to.
    """

    indicator: str
    weight: Number
    entropy: Number | None = None
    dimension: str = ""


@dataclass(frozen=True)
class PrintedTable:
    """Everything that was understood of a printed table.

    Parameters
    ----------
    id : str
        Name in the report.
    columns : tuple of Column
        Estimated models.
    lm : tuple of LMBlock
        Lagrange multiplier tests.
    tests : tuple of PrintedTest
        Other tests.
    moran : tuple of MoranRow
        Moran's I by period.
    index_weights : tuple of IndexWeight
        Weights of a composite index.
    dimension_weights : mapping of str to Number
        Printed sums by dimension.
    N, n, T : int, optional
        Observations, units, periods.
    beside : {"", "se", "t", "z", "p"}
        What the table says that the parentheses hold.
    stars : tuple of float
        Levels of one, two, three stars, as stated; empty where the table does not say.
    weights : str
        Name of the spatial weights.
    row_standardised : bool, optional
        Whether each row of the weights sums to one; None where not said.
    w_min : float, optional
        Smallest eigenvalue of the weights, where known.
    structure : str
        Fixed or random effects, as stated: ``"individual"``, ``"time"``, ``"twoways"``, ``"random"`` or
        empty.
    covariance : str
        Kind of standard errors, as stated.
    simulated : bool, optional
        Whether effects are means of draws; None where not said.
    balanced : bool
        False where the table says that the panel has gaps.
    equal_df : tuple of tuple of str
        Names of tests that are said to have the same degrees of freedom.
    units : str
        What the units are, such as ``"provinces"``.
    notes : tuple of str
        What the reader decided or left out, for the user to see.

    Examples
    --------
    >>> from shuyi.review.numbers import number
    >>> column = Column("SAR", "sar", b={"x": Estimate(number("0.131"), number("0.047"), 3)})
    >>> PrintedTable("table 3", (column,), beside="se", n=31, T=9).is_empty
    False
    """

    id: str = ""
    columns: tuple[Column, ...] = ()
    lm: tuple[LMBlock, ...] = ()
    tests: tuple[PrintedTest, ...] = ()
    moran: tuple[MoranRow, ...] = ()
    index_weights: tuple[IndexWeight, ...] = ()
    dimension_weights: Mapping[str, Number] = field(default_factory=dict)
    N: int | None = None
    n: int | None = None
    T: int | None = None
    beside: str = ""
    stars: tuple[float, ...] = ()
    weights: str = ""
    row_standardised: bool | None = None
    w_min: float | None = None
    structure: str = ""
    covariance: str = ""
    simulated: bool | None = None
    balanced: bool = True
    equal_df: tuple[tuple[str, ...], ...] = ()
    units: str = ""
    notes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing was understood."""
        return not (self.columns or self.lm or self.tests or self.moran or self.index_weights)


def model_of(column: Column) -> str:
    """Return the model of a column: as stated, else as its terms say.

    Parameters
    ----------
    column : Column
        The column.

    Returns
    -------
    str
        One of `MODELS`, or empty where a missing term could also be a row that is not printed.
    """
    if column.model:
        return column.model
    if column.theta:
        return {(True, True): "gns", (True, False): "sdm", (False, True): "sdem", (False, False): "slx"}[
            column.rho is not None, column.lam is not None
        ]
    return ""


def sharpened(column: Column, decimals: int) -> Column:
    """Return a column whose coefficients and effects count as printed with at least so many decimals.

    Parameters
    ----------
    column : Column
        Read from a form that has lost trailing zeros.
    decimals : int
        Decimals of the printed table.

    Returns
    -------
    Column
    """
    unit = 10.0**-decimals
    singles: dict[str, Any] = {
        k: _sharp(e, unit) for k in ("rho", "lam", "tau", "eta") if (e := getattr(column, k)) is not None
    }
    singles |= {k: _all_sharp(getattr(column, k), unit) for k in ("effects", "short", "long")}
    singles |= {k: {n: _sharp(e, unit) for n, e in getattr(column, k).items()} for k in ("b", "theta")}
    return replace(column, **singles)


def _sharp(e: Estimate, unit: float) -> Estimate:
    beside = e.beside and replace(e.beside, unit=min(e.beside.unit, unit))
    return replace(e, value=replace(e.value, unit=min(e.value.unit, unit)), beside=beside)


def _all_sharp(effects: Mapping[str, Effect], unit: float) -> dict[str, Effect]:
    parts = ("direct", "indirect", "total")
    return {
        name: replace(f, **{p: _sharp(e, unit) for p in parts if (e := getattr(f, p)) is not None})
        for name, f in effects.items()
    }


def has_figures(column: Column) -> bool:
    """Return whether a column holds any number.

    Parameters
    ----------
    column : Column
        The column.

    Returns
    -------
    bool
    """
    return bool(estimates(column)) or any((column.loglik, column.r2, column.aic, column.bic))


def estimates(column: Column) -> list[tuple[str, Estimate]]:
    """Return every estimate of a column with the name of its row.

    Parameters
    ----------
    column : Column
        The column.

    Returns
    -------
    list[tuple[str, Estimate]]
    """
    found = [*column.b.items(), *((f"W × {name}", e) for name, e in column.theta.items())]
    singles = {"rho": column.rho, "lambda": column.lam, "tau": column.tau, "eta": column.eta}
    found += [(name, e) for name, e in singles.items() if e is not None]
    if column.sigma2 is not None:
        found.append(("sigma2", column.sigma2))
    for prefix, effects in (("", column.effects), ("short ", column.short), ("long ", column.long)):
        for name, effect in effects.items():
            parts = {"direct": effect.direct, "indirect": effect.indirect, "total": effect.total}
            found += [(f"{name}, {prefix}{part}", e) for part, e in parts.items() if e is not None]
    return found
