"""Identities of test statistics, their degrees of freedom and p-values."""

from __future__ import annotations

from collections.abc import Iterator

from shuyi.review.distributions import chi2_p, chi2_tail, normal_p
from shuyi.review.findings import Check, Verdict, judge, shown
from shuyi.review.intervals import Interval
from shuyi.review.numbers import short
from shuyi.review.table import LMBlock, PrintedTable, PrintedTest

MOST_DF = 400
"""Largest degrees of freedom that are tried for a printed pair of statistic and p-value."""
SAME_RESTRICTIONS = frozenset({"lr_sdm_sar", "lr_sdm_sem", "wald_sdm_sar", "wald_sdm_sem"})
"""Tests of th = 0 and of th + rho b = 0: one restriction per regressor with a spatial lag."""


def p_values(table: PrintedTable) -> Iterator[Check]:
    """Check printed p-values against the chi-squared or normal distribution.

    p = P(chi2(df) > statistic); LM tests of one parameter have one degree of freedom (Anselin 1988). Where df
    is not printed, the pair implies the whole df that fit; none may. p-values may be cut off instead of
    rounded: one unit of the last digit is allowed either way.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for place, test in all_tests(table):
        if test.p is not None:
            yield _p_value(place, test)


def _p_value(place: str, test: PrintedTest) -> Check:
    assert test.p is not None
    if test.distribution == "normal":
        return _against(place, test, normal_p(test.statistic.interval), "")
    if test.distribution != "chi2":
        return Check("B2", place, Verdict.CANNOT_TELL, test.p.text, reason="other_distribution")
    if test.statistic.interval.high < 0:
        return Check("B2", place, Verdict.CANNOT_TELL, test.p.text, reason="negative_statistic")
    if test.df is not None:
        return _against(place, test, chi2_p(test.statistic.interval, test.df), str(test.df))
    fitting = implied_df(test)
    figures = {"statistic": test.statistic.text, "df": df_text(fitting)}
    if not fitting:
        return Check("B2", place, Verdict.FAILS, test.p.text, "", figures, "no_df")
    return Check("B2", place, Verdict.ROUNDING, test.p.text, f"df {df_text(fitting)}", figures)


def _against(place: str, test: PrintedTest, implied: Interval, df: str) -> Check:
    assert test.p is not None
    middle = chi2_tail(test.statistic.value, int(df)) if df else (implied.low + implied.high) / 2
    verdict = judge(p_interval(test), implied, middle)
    if verdict is Verdict.HOLDS and not test.p.interval.holds(middle):
        verdict = Verdict.ROUNDING
    figures = {"statistic": test.statistic.text} | ({"df": df} if df else {})
    return Check("B2", place, verdict, test.p.text, shown(implied), figures)


def p_interval(test: PrintedTest) -> Interval:
    """Return the p-values that a printed one stands for, rounded or cut off.

    Parameters
    ----------
    test : PrintedTest
        A test with a p-value.

    Returns
    -------
    Interval
    """
    assert test.p is not None
    found = test.p.interval
    return Interval(max(0.0, found.low - test.p.unit / 2), min(1.0, found.high + test.p.unit / 2))


def implied_df(test: PrintedTest) -> tuple[int, ...]:
    """Return the whole degrees of freedom that fit a printed statistic and p-value.

    Parameters
    ----------
    test : PrintedTest
        A chi-squared test with a p-value.

    Returns
    -------
    tuple[int, ...]
    """
    if test.df is not None:
        return (test.df,)
    printed = p_interval(test)
    found = [df for df in range(1, MOST_DF + 1) if printed.meets(chi2_p(test.statistic.interval, df))]
    return tuple(found)


def df_text(fitting: tuple[int, ...]) -> str:
    """Return degrees of freedom as text: one, or the first and last.

    Parameters
    ----------
    fitting : tuple of int
        Rising.

    Returns
    -------
    str
    """
    if not fitting:
        return "–"
    return str(fitting[0]) if len(fitting) == 1 else f"{fitting[0]}–{fitting[-1]}"


def equal_df(table: PrintedTable) -> Iterator[Check]:
    """Check that tests with equal degrees of freedom imply one.

    The tests of SDM against SAR (th = 0) and against SEM (th + rho b = 0) set one restriction per spatially
    lagged regressor, so LR and Wald tests of either have the same df within a model (Elhorst 2010); further
    sets are those that the table states.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for name, tests in _sets(table):
        fitting = [set(implied_df(t)) for t in tests]
        if not all(fitting):
            continue
        shared = tuple(sorted(set.intersection(*fitting)))
        printed = "; ".join(
            f"{t.name}: {df_text(tuple(sorted(f)))}" for t, f in zip(tests, fitting, strict=True)
        )
        yield Check("B3", name, Verdict.ROUNDING if shared else Verdict.FAILS, printed, df_text(shared))


def _sets(table: PrintedTable) -> Iterator[tuple[str, list[PrintedTest]]]:
    usable = [
        t for t in table.tests if t.distribution == "chi2" and t.p is not None and t.statistic.value > 0
    ]
    columns = dict.fromkeys(t.column for t in usable)
    for column in columns:
        alike = [t for t in usable if t.column == column and t.kind in SAME_RESTRICTIONS]
        if len(alike) > 1:
            yield column or table.id, alike
    for names in table.equal_df:
        stated = [t for t in usable if t.name in names]
        if len(stated) > 1:
            yield ", ".join(names), stated


def lm_identity(table: PrintedTable) -> Iterator[Check]:
    """Check LM_lag + robust LM_error = LM_error + robust LM_lag, and both with the joint test.

    With d_l, d_e the scores over s2, J the information of rho and T_W that of lam, the robust forms of
    Anselin, Bera, Florax and Yoon are (d_l - d_e)^2/(J - T_W) and (d_e - d_l T_W/J)^2/(T_W (1 - T_W/J));
    adding the plain test of the other parameter to either gives d_e^2/T_W + (d_l - d_e)^2/(J - T_W), the
    joint test, for any J and T_W.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for block in table.lm:
        four = (block.lag, block.error, block.robust_lag, block.robust_error)
        if all(t is not None for t in four):
            yield _lm_sum(block)
        yield from _joint(block)


def _lm_sum(block: LMBlock) -> Check:
    assert block.lag and block.error and block.robust_lag and block.robust_error
    error, robust_lag, robust_error = (
        t.statistic for t in (block.error, block.robust_lag, block.robust_error)
    )
    implied = error.interval + robust_lag.interval - robust_error.interval
    middle = error.value + robust_lag.value - robust_error.value
    figures = {
        "LM lag": block.lag.statistic.text,
        "LM error": error.text,
        "robust LM lag": robust_lag.text,
        "robust LM error": robust_error.text,
    }
    verdict = judge(block.lag.statistic.interval, implied, middle)
    return Check("C1", block.name, verdict, block.lag.statistic.text, shown(implied), figures)


def _joint(block: LMBlock) -> Iterator[Check]:
    if block.joint is None:
        return
    joint = block.joint.statistic
    for plain, robust in ((block.lag, block.robust_error), (block.error, block.robust_lag)):
        if plain is not None and robust is not None:
            implied = plain.statistic.interval + robust.statistic.interval
            middle = plain.statistic.value + robust.statistic.value
            place = f"{block.name}: {plain.name} + {robust.name}"
            yield Check("C2", place, judge(joint.interval, implied, middle), joint.text, shown(implied))


def lm_not_negative(table: PrintedTable) -> Iterator[Check]:
    """Check that LM statistics are not negative: they are squares over variances.

    A Hausman statistic may be negative where the difference of the covariances is not positive definite; it
    is not checked here.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for place, test in all_tests(table):
        if test.kind.startswith(("lm", "rlm", "lr", "wald")):
            verdict = Verdict.HOLDS if test.statistic.interval.high >= 0 else Verdict.FAILS
            yield Check("C3", place, verdict, test.statistic.text, "≥ 0")


def likelihood_ratio(table: PrintedTable) -> Iterator[Check]:
    """Check LR = 2 (logL_1 - logL_0) where both log-likelihoods stand in the table.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    static = [c for c in table.columns if c.model and not c.is_dynamic]
    logs = {c.model: c.loglik for c in static if c.loglik is not None}
    unique = {m for m in logs if sum(c.model == m for c in static) == 1}
    for test in table.tests:
        parts = test.kind.split("_")
        if parts[0] == "lr" and len(parts) == 3 and {parts[1], parts[2]} <= unique:
            full, small = logs[parts[1]], logs[parts[2]]
            assert full is not None and small is not None
            difference = full.interval - small.interval
            implied = Interval(2 * difference.low, 2 * difference.high)
            middle = 2 * (full.value - small.value)
            figures = {"logL 1": full.text, "logL 0": small.text}
            verdict = judge(test.statistic.interval, implied, middle)
            yield Check("D1", test.name, verdict, test.statistic.text, shown(implied), figures)


def restrictions(table: PrintedTable) -> Iterator[Check]:
    """Check printed degrees of freedom: n - 1 and T - 1 for fixed effects, one per lagged regressor for SDM.

    n unit effects beside an intercept are n - 1 restrictions, T period effects T - 1, both n + T - 2.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    lagged = {len(c.theta) for c in table.columns if c.model == "sdm" and c.theta}
    for test in table.tests:
        expected = _expected_df(test.kind, table, lagged)
        known = test.df is not None or (test.p is not None and test.distribution == "chi2")
        if expected is not None and known and test.statistic.value > 0:
            yield _restrictions(test, expected)


def _restrictions(test: PrintedTest, expected: int) -> Check:
    """Compare df with those expected; rows of an SDM that are not printed may raise them."""
    fitting = implied_df(test)
    if expected in fitting:
        verdict = Verdict.HOLDS if len(fitting) == 1 else Verdict.ROUNDING
    elif not fitting or (test.kind in SAME_RESTRICTIONS and fitting[-1] > expected):
        verdict = Verdict.CANNOT_TELL
    else:
        verdict = Verdict.FAILS
    reason = "rows_left_out" if verdict is Verdict.CANNOT_TELL else ""
    return Check("D6", test.name, verdict, f"df {df_text(fitting)}", f"df {expected}", reason=reason)


def _expected_df(kind: str, table: PrintedTable, lagged: set[int]) -> int | None:
    if kind in SAME_RESTRICTIONS:
        return None if len(lagged) != 1 else next(iter(lagged))
    n, T = table.n, table.T
    if kind == "fe_unit" and n:
        return n - 1
    if kind == "fe_period" and T:
        return T - 1
    return n + T - 2 if kind == "fe_both" and n and T else None


def all_tests(table: PrintedTable) -> Iterator[tuple[str, PrintedTest]]:
    """Return every test of a table with its place.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    tuple[str, PrintedTest]
    """
    for block in table.lm:
        for test in (block.lag, block.error, block.robust_lag, block.robust_error, block.joint):
            if test is not None:
                yield f"{block.name}: {test.name}" if block.name else test.name, test
    for test in table.tests:
        yield (
            f"{test.column}: {test.name}" if test.column and test.column not in test.name else test.name,
            test,
        )


def stars_of_tests(table: PrintedTable) -> Iterator[Check]:
    """Check stars of test statistics against their printed p-values.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    rows = [(place, t) for place, t in all_tests(table) if t.stars is not None and t.p is not None]
    if not any(t.stars for _, t in rows):
        return
    levels = table.stars or (0.1, 0.05, 0.01)
    for place, test in rows:
        assert test.p is not None and test.stars is not None
        p = test.p.interval
        fewest, most = sum(p.high < x for x in levels), sum(p.low <= x for x in levels)
        verdict = Verdict.FAILS if not fewest <= test.stars <= most else Verdict.HOLDS
        figures = {"levels": ", ".join(short(x) for x in levels)}
        yield Check("B7", place, verdict, "*" * test.stars or "–", f"p = {test.p.text}", figures)
