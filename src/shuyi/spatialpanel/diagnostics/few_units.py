"""Reference distributions for covariances that rest on few units.

A jackknife or clustered covariance of q restrictions from n units is itself estimated: the Wald statistic has
heavier tails than chi-squared, the more so the larger q is. With n independent units

    F = (n - q) / (q (n - 1)) W

is Hotelling's F with q and n - q degrees of freedom for the jackknife of a mean. In simulated panels like the
paper's (n = 31, T = 9, five restrictions, errors AR(1) .5 and regressors .95) the clustered jackknife rejects
.13 at 5 % by chi-squared and .06 by this F.
"""

from __future__ import annotations

from dataclasses import replace

from shuyi.errors import ConfigError
from shuyi.spatialpanel.diagnostics.result import TestResult

HOTELLING = "Hotelling (1931)"


def hotelling_f(test: TestResult, units: int) -> TestResult:
    """Return a Wald test with Hotelling's F instead of the chi-squared distribution.

    Parameters
    ----------
    test : TestResult
        Chi-squared, of a covariance estimated from the units: ``cluster_jackknife``.
    units : int
        Number n of units.

    Returns
    -------
    TestResult
        F with q and n - q degrees of freedom.

    Raises
    ------
    ConfigError
        If the test is not chi-squared, or has as many restrictions as units.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics.result import chi_squared
    >>> found = hotelling_f(chi_squared("wald_sar", "th_zero", 11.07, 5), 31)
    >>> round(found.p_value, 3), found.df_denominator
    (0.125, 26)
    """
    from scipy.special import fdtrc

    if test.distribution != "chi2" or not 0 < test.df < units:
        raise ConfigError(
            "Hotelling's F is that of a Wald test with fewer restrictions than units.",
            expected=f"a chi-squared statistic with less than {units} degrees of freedom",
            found=f"{test.test}: {test.distribution}, df {test.df:g}",
        )
    q = int(test.df)
    value = (units - q) / (q * (units - 1)) * test.statistic
    note = "; ".join(part for part in (test.note, f"Hotelling's F, {units} units") if part)
    return replace(
        test,
        statistic=value,
        p_value=float(fdtrc(q, units - q, value)),
        distribution="F",
        df_denominator=units - q,
        note=note,
        reference=f"{test.reference}; {HOTELLING}" if test.reference else HOTELLING,
    )
