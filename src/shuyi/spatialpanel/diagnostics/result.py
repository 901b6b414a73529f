"""The result of one test, and the frame that a table of tests reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from shuyi.errors import ConfigError, IdentificationError
from shuyi.spatialpanel.effects import normal_p_value

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


COLUMNS = (
    *("group", "test", "null", "spec", "period", "statistic", "df", "p_value"),
    *("distribution", "note", "reference"),
)
"""Columns of `to_frame`."""

SINGULAR = 1e-12
"""Smallest ratio of eigenvalues of a scaled covariance of restrictions that still counts as regular."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """One test.

    Attributes
    ----------
    test : str
        Key of the test, e.g. ``"lm_lag"``.
    hypothesis : str
        Key of the null hypothesis, e.g. ``"rho_zero"``.
    statistic : float
        Value of the statistic.
    df : float
        Degrees of freedom of a chi-squared statistic; NaN for any other distribution.
    p_value : float
        Probability of a value as extreme under the null; NaN where it is not known.
    distribution : {"chi2", "normal", "F", "permutation", "tabulated", "simulated", "bootstrap"}
        What the p-value comes from.
    note : str, default ""
        What a reader must know about this value, e.g. that a generalised inverse was used.
    reference : str, default ""
        Source and equation.
    group : str, default ""
        Key of the question that the test answers.
    spec : str, default ""
        Effects structure under which it was computed, or empty.
    period : int, optional
        Period of a test of one cross-section.
    df_denominator : float, default float("nan")
        Second degrees of freedom of an F statistic, else NaN.
    draws : int, default 0
        Draws behind a bootstrap or simulated p-value, else 0.
    seed : int, optional
        Of these draws.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import TestResult, to_frame
    >>> test = TestResult("lm_lag", "rho_zero", 6.2, 1.0, 0.0128, "chi2", group="spatial_dependence")
    >>> to_frame([test])[["test", "null", "statistic", "p_value"]]
         test      null  statistic  p_value
    0  lm_lag  rho_zero        6.2   0.0128
    """

    __test__: ClassVar[bool] = False

    test: str
    hypothesis: str
    statistic: float
    df: float
    p_value: float
    distribution: str
    note: str = ""
    reference: str = ""
    group: str = ""
    spec: str = ""
    period: int | None = None
    df_denominator: float = float("nan")
    draws: int = 0
    seed: int | None = None

    def about(self, **labels: Any) -> TestResult:
        """Return the result with other labels (group, spec, period, note) or values.

        Parameters
        ----------
        **labels
            New values of fields.

        Returns
        -------
        TestResult
            A new result; this one stays as it is.
        """
        return replace(self, **labels)

    def to_row(self) -> dict[str, Any]:
        """Return the result under the names of `COLUMNS`.

        Returns
        -------
        dict
            Value by column; the hypothesis under the name null.
        """
        return {name: getattr(self, "hypothesis" if name == "null" else name) for name in COLUMNS}


def chi_squared(
    test: str,
    hypothesis: str,
    statistic: float,
    df: int,
    *,
    note: str = "",
    reference: str = "",
    **labels: Any,
) -> TestResult:
    """Return a test whose statistic is chi-squared with df degrees of freedom.

    Parameters
    ----------
    test, hypothesis : str
        Keys of the test and of its null hypothesis in the result.
    statistic : float
        Value of the statistic; a negative one counts as zero.
    df : int
        Degrees of freedom.
    note : str, default ""
        What a reader must know about this value.
    reference : str, default ""
        Source and equation.
    **labels
        Further labels of `TestResult`: group, spec, period.

    Returns
    -------
    TestResult
        With the upper tail as p-value.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics.result import chi_squared
    >>> round(chi_squared("wald", "zero", 3.84, 1).p_value, 3)
    0.05
    """
    from scipy.special import chdtrc

    p = float(chdtrc(df, max(statistic, 0.0)))
    return TestResult(test, hypothesis, float(statistic), df, p, "chi2", note, reference, **labels)


def standard_normal(
    test: str,
    hypothesis: str,
    statistic: float,
    *,
    one_sided: bool = False,
    note: str = "",
    reference: str = "",
    **labels: Any,
) -> TestResult:
    """Return a test whose statistic is standard normal; one-sided, large positive values reject.

    Parameters
    ----------
    test, hypothesis : str
        Keys of the test and of its null hypothesis in the result.
    statistic : float
        Value of the statistic.
    one_sided : bool, default False
        Whether only large positive values reject.
    note : str, default ""
        What a reader must know about this value.
    reference : str, default ""
        Source and equation.
    **labels
        Further labels of `TestResult`: group, spec, period.

    Returns
    -------
    TestResult
        With NaN for the degrees of freedom.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics.result import standard_normal
    >>> round(standard_normal("cd", "weak_dependence", 1.96).p_value, 3)
    0.05
    """
    from scipy.special import ndtr

    p = float(ndtr(-statistic)) if one_sided else normal_p_value(statistic)
    nan = float("nan")
    return TestResult(test, hypothesis, float(statistic), nan, p, "normal", note, reference, **labels)


def f_distributed(
    test: str, hypothesis: str, statistic: float, df: int, df_denominator: int, *, reference: str = ""
) -> TestResult:
    """Return a test whose statistic has an F distribution.

    Parameters
    ----------
    test, hypothesis : str
        Keys of the test and of its null hypothesis in the result.
    statistic : float
        Value of the statistic.
    df, df_denominator : int
        Degrees of freedom of numerator and denominator.
    reference : str, default ""
        Source and equation.

    Returns
    -------
    TestResult
        With the upper tail as p-value.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics.result import f_distributed
    >>> round(f_distributed("f_effects", "no_effects", 4.0, 1, 60).p_value, 3)
    0.05
    """
    from scipy.special import fdtrc

    p = float(fdtrc(df, df_denominator, statistic))
    return TestResult(
        test, hypothesis, statistic, df, p, "F", reference=reference, df_denominator=df_denominator
    )


def check_draws(draws: object, seed: object) -> None:
    """Refuse numbers of draws and seeds that are no whole numbers, no draws, and negative seeds.

    Parameters
    ----------
    draws : int
        Number of draws.
    seed : int
        Start of the random numbers, zero or more.

    Raises
    ------
    ConfigError
    """
    for name, value, least in (("draws", draws, 1), ("seed", seed, 0)):
        whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
        if not whole or value < least:  # type: ignore[operator]
            raise ConfigError(
                f"A simulated distribution needs {name}.",
                expected=f"a whole number, {least} at least",
                found=f"{name} = {value!r}",
            )


def quadratic_form(r: NDArray, covariance: NDArray, what: str) -> float:
    """Return ``r' V^{-1} r`` for restrictions r of shape (q,) with covariance V of shape (q, q).

    Parameters
    ----------
    r : ndarray, shape (q,)
        Restrictions at the estimate.
    covariance : ndarray, shape (q, q)
        Their covariance V.
    what : str
        Name of the test, for the message.

    Returns
    -------
    float
        Not negative.

    Raises
    ------
    IdentificationError
        If V is singular or not positive definite.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.diagnostics.result import quadratic_form
    >>> round(quadratic_form(np.array([1.0, 2.0]), np.diag([1.0, 4.0]), "The Wald test"), 6)
    2.0
    """
    scale = 1.0 / np.sqrt(np.maximum(np.diag(covariance), np.finfo(float).tiny))
    scaled = covariance * scale * scale[:, None]
    roots = np.linalg.eigvalsh(scaled)
    if roots[0] <= SINGULAR * roots[-1]:
        raise IdentificationError(
            f"{what} cannot be computed: the covariance of its restrictions is singular.",
            expected="linearly independent restrictions with a positive definite covariance",
            found=f"eigenvalues of its correlation matrix from {roots[0]:.3g} to {roots[-1]:.3g}",
            remedy="test fewer restrictions, or use another covariance",
        )
    return float((r * scale) @ np.linalg.solve(scaled, r * scale))


def to_frame(results: Iterable[TestResult]) -> pd.DataFrame:
    """Return one row per test, in order, with the columns of `COLUMNS`.

    ``df`` is NaN where the statistic is standard normal, ``period`` is missing where the test has none.

    Parameters
    ----------
    results : iterable of TestResult
        Tests in the order of the rows.

    Returns
    -------
    DataFrame
        Columns group, test, null, spec, period, statistic, df, p_value, distribution, note, reference.

    Examples
    --------
    >>> from shuyi.spatialpanel.diagnostics import TestResult, to_frame
    >>> test = TestResult("pesaran_cd", "weak_dependence", 1.2, float("nan"), 0.23, "normal")
    >>> to_frame([test])[["test", "statistic", "distribution"]]
             test  statistic distribution
    0  pesaran_cd        1.2       normal
    """
    import pandas as pd

    frame = pd.DataFrame([r.to_row() for r in results], columns=list(COLUMNS))
    return frame.astype({"period": "Int64", "statistic": float, "df": float, "p_value": float})
