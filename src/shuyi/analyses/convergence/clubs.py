"""Club convergence: relative transition paths, the log t test and the clustering of Phillips and Sul.

Phillips and Sul (2007, Econometrica 75, 1771-1855; 2009, Journal of Applied Econometrics 24, 1153-1185).
The theory lets T grow. With nine years the regression keeps six points and its long-run variance rests on
six residuals. Of 4,000 panels of 31 units that converge (loadings ``1 + s_i xi_it / (ln(t + 1) t^0.1)``,
independent normal xi) the test rejects 19 % at T = 9, 9 % at T = 14 and 1 % at T = 40, where 5 % is nominal:
on nine years read the clubs as a description, beside kernel densities and transition matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from shuyi.arguments import check_level, finite_number
from shuyi.errors import DataError, check_known
from shuyi.panel import Panel, check_evenly_spaced
from shuyi.validation import cells, complete, positive

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


Transform = Literal["log", "none"]
LongRunVariance = Literal["andrews", "authors"]
Order = Literal["last", "late_mean"]
CRITICAL = -1.65
"""One-sided five per cent point: a t below it rejects convergence."""
TRIM = 0.3
"""Share of the periods left out before the regression, as Phillips and Sul recommend for T up to 50."""
TIED = 1e-28
"""Variance of relative paths that is nothing but rounding: the units coincide in that period."""
MIN_POINTS = 4
"""Least number of periods in the regression: two coefficients, and two for an autocovariance."""


@dataclass(frozen=True)
class ClubSettings:
    """How clubs are found.

    Parameters
    ----------
    transform : {"log", "none"}, default "log"
        ``"none"`` for logs and for indices between zero and one, whose logs are negative.
    hp_smoothing : float, optional
        Take the trend of the Hodrick-Prescott filter first (Phillips and Sul use 400 for annual data); by
        default values are used as they are.
    trim : float, default `TRIM`
        r, the share of periods that are left out: the first [rT], rounded, so that the regression begins one
        period later, as in the published programs.
    order : {"last", "late_mean"}, default "last"
        Order by the last value or, where values are volatile, by the mean of the last half.
    critical : float, default `CRITICAL`
        Of the log t test.
    sieve : float, default 0.0
        Critical value of the sieve; zero suits short panels.
    merge : bool, default True
        Whether adjacent clubs that pass the test together are merged.
    long_run_variance : {"andrews", "authors"}, default "andrews"
        See `log_t_test`.

    Raises
    ------
    ConfigError
        If an option is unknown or out of range.
    """

    transform: Transform = "log"
    hp_smoothing: float | None = None
    trim: float = TRIM
    order: Order = "last"
    critical: float = CRITICAL
    sieve: float = 0.0
    merge: bool = True
    long_run_variance: LongRunVariance = "andrews"

    def __post_init__(self) -> None:
        check_known(self.transform, ("log", "none"), "transform")
        check_known(self.order, ("last", "late_mean"), "order")
        check_known(self.long_run_variance, ("andrews", "authors"), "long-run variance")
        check_level(self.trim, "trim")
        finite_number(self.critical, "critical")
        finite_number(self.sieve, "sieve")
        if self.hp_smoothing is not None:
            finite_number(self.hp_smoothing, "hp_smoothing", least=0)


DEFAULTS = ClubSettings()


@dataclass(frozen=True)
class LogT:
    """The regression ``ln(H_1 / H_t) - 2 ln ln t = a + b ln t + u_t`` for t = [rT] + 1, ..., T.

    Parameters
    ----------
    n_units : int
        Number of units.
    n_points : int
        Number of periods used.
    first : int
        Position [rT] + 1 of the first period used, counted from one.
    a, b, std_error, t : float
        ``std_error^2`` is the long-run variance of u over ``sum (ln t - mean)^2``.
    converges : bool
        Whether t lies above the critical value. ``b / 2`` estimates the rate at which the paths approach;
        ``b >= 2`` means convergence in levels, ``0 <= b < 2`` in growth rates.
    """

    n_units: int
    n_points: int
    first: int
    a: float
    b: float
    std_error: float
    t: float
    converges: bool


@dataclass(frozen=True)
class Club:
    """One convergence club.

    Parameters
    ----------
    number : int
        From one, the highest club first.
    units : tuple of str
        In the order of the clustering.
    test : LogT
        Test of the club as a whole.
    merged_from : tuple of int
        Numbers of the clubs before merging.
    """

    number: int
    units: tuple[str, ...]
    test: LogT
    merged_from: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class ClubConvergence:
    """Clubs of one variable.

    Parameters
    ----------
    variable : str
        Name of the panel variable.
    units : tuple of str, length n
        Labels of the units.
    periods : tuple of int, length T
        Years or other periods, increasing.
    transition : ndarray, shape (T, n)
        Relative transition paths ``h_it = x_it / mean_i x_it``.
    variance : ndarray, shape (T,)
        ``H_t = mean_i (h_it - 1)^2``.
    overall : LogT
        Test of all units.
    initial, clubs : tuple of Club
        Before and after merging.
    divergent : tuple of str
        Units of no club.
    settings : ClubSettings
        How the clubs were found.
    """

    variable: str
    units: tuple[str, ...]
    periods: tuple[int, ...]
    transition: Array
    variance: Array
    overall: LogT
    initial: tuple[Club, ...]
    clubs: tuple[Club, ...]
    divergent: tuple[str, ...]
    settings: ClubSettings

    @property
    def club_of(self) -> dict[str, int]:
        """Number of each unit's club, zero for a unit of none, in the panel's order."""
        return _numbers(self.units, self.clubs)

    def to_frame(self) -> pd.DataFrame:
        """Return one row per unit.

        Returns
        -------
        DataFrame
            Columns variable, unit, club (zero: none), initial_club, transition (in the last period).
        """
        import pandas as pd

        return pd.DataFrame(
            {
                "variable": self.variable,
                "unit": list(self.units),
                "club": list(self.club_of.values()),
                "initial_club": list(_numbers(self.units, self.initial).values()),
                "transition": self.transition[-1],
            }
        )

    def tests_frame(self) -> pd.DataFrame:
        """Return one row per test.

        Returns
        -------
        DataFrame
            Columns variable, stage (overall, initial, merged), club, merged_from, n_units, n_points, b,
            std_error, t, converges.
        """
        import pandas as pd

        tests: list[tuple[str, int, tuple[int, ...], LogT]] = [("overall", 0, (), self.overall)]
        tests += [("initial", c.number, c.merged_from, c.test) for c in self.initial]
        tests += [("merged", c.number, c.merged_from, c.test) for c in self.clubs]
        rows = [
            (
                *(self.variable, stage, number, " ".join(map(str, merged))),
                *(test.n_units, test.n_points, test.b, test.std_error, test.t, test.converges),
            )
            for stage, number, merged, test in tests
        ]
        columns = ["variable", "stage", "club", "merged_from", "n_units", "n_points"]
        return pd.DataFrame(rows, columns=[*columns, "b", "std_error", "t", "converges"])

    def paths_frame(self) -> pd.DataFrame:
        """Return one row per unit and period.

        Returns
        -------
        DataFrame
            Columns variable, unit, club, period, transition.
        """
        import pandas as pd

        rows = [
            (self.variable, unit, club, period, self.transition[t, i])
            for i, (unit, club) in enumerate(self.club_of.items())
            for t, period in enumerate(self.periods)
        ]
        return pd.DataFrame(rows, columns=["variable", "unit", "club", "period", "transition"])


@dataclass(frozen=True)
class _Test:
    """The log t test with its settings, applied to columns of a fixed array."""

    x: Array
    settings: ClubSettings

    def __call__(self, members: Sequence[int]) -> LogT:
        s = self.settings
        return log_t_test(
            self.x[:, list(members)],
            trim=s.trim,
            long_run_variance=s.long_run_variance,
            critical=s.critical,
        )


def club_convergence(panel: Panel, variable: str, settings: ClubSettings = DEFAULTS) -> ClubConvergence:
    """Cluster the units into convergence clubs.

    Steps (Phillips and Sul 2007, section 4): order the units from the highest final value; find the core, the
    run of successive units with the largest t among those whose t stays above the critical value; add every
    other unit whose t with the core exceeds the sieve, and where the whole then fails, raise the sieve until
    it passes (that is, give up the weakest of them one by one); repeat on the rest, which is one more club if
    it passes as a whole and diverges if it has no core. Then merge adjacent clubs that pass together, from
    the highest on (Phillips and Sul 2009).

    Parameters
    ----------
    panel : Panel
        Balanced panel that holds the variables.
    variable : str
        Name of the panel variable.
    settings : ClubSettings, default `DEFAULTS`
        Options of the clustering.

    Returns
    -------
    ClubConvergence
        Clubs, the divergent units and every test.

    Raises
    ------
    DataError
        If values or periods are missing, or values are not positive after the transform; or if there are
        fewer than two units or too few periods.
    """
    check_evenly_spaced(panel.periods, "The log t test")
    x = _paths(panel, variable, settings)
    test = _Test(x, settings)
    late = x[-1] if settings.order == "last" else x[x.shape[0] // 2 :].mean(axis=0)
    ranked = sorted(range(panel.n), key=lambda i: (-late[i], panel.units[i]))
    overall = test(ranked)
    groups, rest = _cluster(ranked, test)
    numbered = [(group, (number,)) for number, group in enumerate(groups, start=1)]
    return ClubConvergence(
        variable=variable,
        units=panel.units,
        periods=panel.periods,
        transition=relative_transition(x),
        variance=cross_section_variance(x),
        overall=overall,
        initial=_clubs(numbered, panel.units, test),
        clubs=_clubs(_merge(groups, test) if settings.merge else numbered, panel.units, test),
        divergent=tuple(panel.units[i] for i in rest),
        settings=settings,
    )


def relative_transition(x: Array) -> Array:
    """Return ``h_it = x_it / mean_i x_it`` of values of shape (T, n).

    Parameters
    ----------
    x : ndarray, shape (T, n)
        Positive values.

    Returns
    -------
    ndarray, shape (T, n)
        One where a unit is at the mean of its period.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.convergence.clubs import relative_transition
    >>> relative_transition(np.array([[1.0, 2.0, 3.0]]))
    array([[0.5, 1. , 1.5]])
    """
    return x / x.mean(axis=1, keepdims=True)


def cross_section_variance(x: Array) -> Array:
    """Return ``H_t = mean_i (h_it - 1)^2``, shape (T,), of values of shape (T, n).

    Parameters
    ----------
    x : ndarray, shape (T, n)
        Positive values.

    Returns
    -------
    ndarray, shape (T,)
        Zero where all units are equal.
    """
    return ((relative_transition(x) - 1.0) ** 2).mean(axis=1)


def log_t_test(
    x: Array,
    *,
    trim: float = TRIM,
    long_run_variance: LongRunVariance = "andrews",
    critical: float = CRITICAL,
) -> LogT:
    """Test whether units converge.

    Parameters
    ----------
    x : ndarray, shape (T, n)
        Positive values, usually logs or their trends; n at least 2.
    trim : float, default `TRIM`
        r; the first [rT] periods, rounded to the nearest number, and at least the first are left out. The
        published programs and tables count so: with T = 34 and r = 1/3 they begin at period 12.
    long_run_variance : {"andrews", "authors"}, default "andrews"
        Quadratic spectral kernel with the bandwidth of Andrews (1991) for an AR(1). ``"authors"`` reproduces
        the program of Phillips and Sul that Stata's psecta and R's ConvergenceClubs translate: it divides by
        one point fewer and leaves the last residual out of the autocovariances.
    critical : float, default `CRITICAL`
        Value that t must exceed; -1.65 is the five per cent point of the one-sided test.

    Returns
    -------
    LogT
        Slope, its error, t and the verdict. A period in which all units coincide has no logarithm of its
        variance and is left out. Units that differ in fewer than `MIN_POINTS` periods of the regression
        converge: t is infinite, b is NaN.

    Raises
    ------
    DataError
        If fewer than four periods remain.
    ConfigError
        If the long-run variance is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.analyses.convergence.clubs import log_t_test
    >>> t = np.arange(1.0, 21.0)[:, None]
    >>> test = log_t_test(10.0 + np.array([-2.0, 0.0, 2.0]) * t**-0.5)
    >>> test.converges
    True
    """
    check_known(long_run_variance, tuple(LONG_RUN_VARIANCES), "long-run variance")
    T, n = x.shape
    first = max(1, round(trim * T)) + 1
    points = T - first + 1
    if n < 2 or points < MIN_POINTS:
        raise DataError(
            "Too little data for the log t test.",
            expected=f"two units and {MIN_POINTS} periods from number {first} on",
            found=f"{n} unit(s), {T} periods of which {points} are used",
        )
    H = cross_section_variance(x)
    used = np.arange(first - 1, T)[H[first - 1 :] > TIED]
    if len(used) < MIN_POINTS:
        return LogT(n, len(used), first, np.nan, np.nan, np.nan, np.inf, True)
    log_t = np.log(used + 1)
    y = np.log(H[H > TIED][0] / H[used]) - 2.0 * np.log(log_t)
    centred = log_t - log_t.mean()
    spread = float(centred @ centred)
    b = float(centred @ y / spread)
    a = float(y.mean() - b * log_t.mean())
    variance = LONG_RUN_VARIANCES[long_run_variance](y - a - b * log_t)
    error = float(np.sqrt(variance / spread))
    t = b / error if error > 0 else float(np.copysign(np.inf, b))
    return LogT(n, len(used), first, a, b, error, t, t > critical)


def andrews_bandwidth(u: Array) -> float:
    """Return the bandwidth of the quadratic spectral kernel for an AR(1) (Andrews 1991, eq. 6.2 and 6.4).

    ``1.3221 (alpha n)^(1/5)`` with ``alpha = 4 r^2 / (1 - r)^4`` and r the autoregressive coefficient of u.

    Parameters
    ----------
    u : ndarray, shape (m,)
        Residuals in the order of time.

    Returns
    -------
    float
        Bandwidth in periods.
    """
    r = float(u[:-1] @ u[1:] / (u[:-1] @ u[:-1]))
    return 1.3221 * (4 * r**2 / (1 - r) ** 4 * len(u)) ** 0.2


def quadratic_spectral(x: Array) -> Array:
    """Return the quadratic spectral kernel at x > 0 (Andrews 1991, eq. 2.7).

    Parameters
    ----------
    x : ndarray
        Lags over the bandwidth, above zero.

    Returns
    -------
    ndarray, shape of x
        Weights of the autocovariances, at most one.
    """
    z = 6 * np.pi * x / 5
    return 3 / z**2 * (np.sin(z) / z - np.cos(z))


def _andrews(u: Array) -> float:
    n = len(u)
    lags = np.arange(1, n)
    gamma = np.array([u[j:] @ u[: n - j] for j in lags]) / n
    return float(u @ u / n + 2 * quadratic_spectral(lags / andrews_bandwidth(u)) @ gamma)


def _authors(u: Array) -> float:
    n = len(u) - 1
    lags = np.arange(1, n)
    gamma = np.array([u[j:n] @ u[: n - j] for j in lags]) / n
    return float(u @ u / n + 2 * quadratic_spectral(lags / andrews_bandwidth(u)) @ gamma)


LONG_RUN_VARIANCES = {"andrews": _andrews, "authors": _authors}
"""Long-run variance of residuals of shape (n,), by name."""


def _paths(panel: Panel, variable: str, settings: ClubSettings) -> Array:
    if settings.transform == "log":
        x = np.log(positive(panel, variable, "A logarithm"))
    else:
        x = complete(panel, variable)
    if settings.hp_smoothing is not None:
        from statsmodels.tsa.filters.hp_filter import hpfilter

        x = np.column_stack([hpfilter(series, settings.hp_smoothing)[1] for series in x.T])
    logged = settings.transform == "log"
    if (x <= 0).any():
        raise DataError(
            "Relative transition paths need positive values.",
            expected=f"{variable!r} above zero" + (" after the logarithm" if logged else ""),
            found=cells(panel, x, x <= 0),
            remedy="use transform='none', or a smaller unit of measurement",
        )
    return x


def _cluster(ranked: Sequence[int], test: _Test) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """Return the clubs and the units that belong to none."""
    clubs: list[tuple[int, ...]] = []
    rest = tuple(ranked)
    while len(rest) > 1:
        if test(rest).converges:
            return [*clubs, rest], ()
        core = _core(rest, test)
        if not core:
            break
        club = _sieved(core, rest, test)
        clubs.append(club)
        rest = tuple(i for i in rest if i not in club)
    return clubs, rest


def _core(ranked: Sequence[int], test: _Test) -> tuple[int, ...]:
    """Return the core group, empty where no two successive units converge."""
    for start in range(len(ranked) - 1):
        best: tuple[float, tuple[int, ...]] = (-np.inf, ())
        for end in range(start + 2, len(ranked) + 1):
            result = test(ranked[start:end])
            if not result.converges:
                break
            best = max(best, (result.t, tuple(ranked[start:end])), key=lambda found: found[0])
        if best[1]:
            return best[1]
    return ()


def _sieved(core: tuple[int, ...], ranked: Sequence[int], test: _Test) -> tuple[int, ...]:
    """Return the core with the units that pass the sieve, raised until the whole converges."""
    t = {i: test((*core, i)).t for i in ranked if i not in core}
    added = [i for i in t if t[i] > test.settings.sieve]
    while added and not test((*core, *added)).converges:
        added.remove(min(added, key=lambda i: t[i]))
    return tuple(i for i in ranked if i in core or i in added)


def _merge(groups: Sequence[tuple[int, ...]], test: _Test) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Return merged clubs with the numbers of the clubs they are made of."""
    merged: list[tuple[tuple[int, ...], tuple[int, ...]]] = []
    for number, group in enumerate(groups, start=1):
        if merged and test((*merged[-1][0], *group)).converges:
            members, numbers = merged.pop()
            merged.append(((*members, *group), (*numbers, number)))
        else:
            merged.append((group, (number,)))
    return merged


def _clubs(
    groups: Sequence[tuple[tuple[int, ...], tuple[int, ...]]], units: Sequence[str], test: _Test
) -> tuple[Club, ...]:
    return tuple(
        Club(number, tuple(units[i] for i in members), test(members), merged_from)
        for number, (members, merged_from) in enumerate(groups, start=1)
    )


def _numbers(units: Sequence[str], clubs: Sequence[Club]) -> dict[str, int]:
    number = {unit: club.number for club in clubs for unit in club.units}
    return {unit: number.get(unit, 0) for unit in units}
