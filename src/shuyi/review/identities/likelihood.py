"""Identities of the log-likelihood, the variance of the errors and the information criteria."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

from shuyi.review.findings import Check, Verdict, shown
from shuyi.review.identities.stars import t_statistic
from shuyi.review.intervals import Interval, exact, over_corners
from shuyi.review.numbers import Number, span
from shuyi.review.table import Column, PrintedTable, model_of

LOG_2PI = math.log(2 * math.pi)
LIKELIHOOD_TOLERANCE = 0.03
"""Share by which the number implied by logL and sigma2 may miss: divisors of sigma2 that are not nT."""
VARIANCE_TOLERANCE = 0.10
"""Share by which the number implied by t(sigma2) may miss."""
FEWEST_PERIODS = 3
"""Periods that are assumed where T is not printed: effective observations may be n (T - 1) and fewer."""
PARAMETER_TOLERANCE = 0.02
"""How far AIC + 2 logL may lie from an even number beyond rounding."""
ROBUST = ("robust", "cluster", "driscoll", "hac", "conley", "sandwich", "bootstrap", "jackknife")
UNKNOWN_RHO = 0.9
"""Size of rho that is allowed for where it is not printed."""


def counts(table: PrintedTable, column: Column) -> dict[str, float]:
    """Return the numbers of observations that a likelihood may rest on, by what they are.

    Parameters
    ----------
    table : PrintedTable
        States N, n and T for all columns.
    column : Column
        May state its own.

    Returns
    -------
    dict of str to float
        Printed N, and with n and T the effective n(T - 1), (n - 1)T and (n - 1)(T - 1) of Lee and Yu (2010),
        less one more period in dynamic models.
    """
    n, T, N = column.n or table.n, column.T or table.T, column.N or table.N
    found: dict[str, float] = {}
    if column.n_effective:
        found["effective"] = column.n_effective
    if N:
        found["N"] = N
    if n and T:
        found |= {"nT": n * T, "n(T-1)": n * (T - 1), "(n-1)T": (n - 1) * T, "(n-1)(T-1)": (n - 1) * (T - 1)}
        if column.is_dynamic:
            found |= {"n(T-2)": n * (T - 2), "(n-1)(T-2)": (n - 1) * (T - 2)}
    return {name: count for name, count in found.items() if count > 0}


def number_from_likelihood(table: PrintedTable) -> Iterator[Check]:
    """Check N against logL and sigma2.

    At the maximum e'e = N s2, so logL = -(N/2)(ln(2 pi s2) + 1) + N d with d = ln|I - rho W|/n. For W with
    zero diagonal and eigenvalues in [-1, 1] that sum to zero, concavity gives ln(1 - rho^2)/2 <= d <= 0 (for
    asymmetric W and rho < 0 at most ln(1 + |rho|^3)/3, a ring of three). Hence N = logL/(d - (ln(2 pi s2) +
    1)/2). Effective observations (Lee and Yu 2010) and their divisors of s2 are allowed for, and three per
    cent.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for column in table.columns:
        printed = counts(table, column)
        if column.loglik is None or column.sigma2 is None or not printed:
            continue
        yield _number_from_likelihood(table, column, column.loglik, column.sigma2.value, printed)


def _number_from_likelihood(
    table: PrintedTable, column: Column, loglik: Number, sigma2: Number, printed: dict[str, float]
) -> Check:
    text = _listed(printed)
    d = log_determinant(column)
    if table.structure == "random":
        return Check("D2", column.name, Verdict.CANNOT_TELL, text, reason="random_effects")
    if d is None or sigma2.interval.low <= 0:
        return Check("D2", column.name, Verdict.CANNOT_TELL, text, reason="ill_conditioned")
    plain = implied_number(loglik.interval, sigma2.interval, d)
    wide = implied_number(loglik.interval, _maximum_likelihood(table, column, sigma2.interval), d)
    if plain is None or wide is None:
        return Check("D2", column.name, Verdict.CANNOT_TELL, text, reason="ill_conditioned")
    figures = {"logL": loglik.text, "sigma2": sigma2.text}
    if any(plain.holds(count) for count in printed.values()):
        return Check("D2", column.name, Verdict.HOLDS, text, shown(plain), figures)
    reached = any(wide.scaled(LIKELIHOOD_TOLERANCE).meets(c) for c in _candidates(table, column, printed))
    if reached:
        return Check("D2", column.name, Verdict.ROUNDING, text, shown(plain), figures)
    if _without_constant(loglik, sigma2, d, printed):
        return Check("D2", column.name, Verdict.CANNOT_TELL, text, shown(plain), figures, "no_constant")
    return Check("D2", column.name, Verdict.FAILS, text, shown(plain), figures)


def implied_number(
    loglik: Interval, sigma2: Interval, d: Interval, constant: float = LOG_2PI
) -> Interval | None:
    """Return the observations that a log-likelihood and a variance imply, or None where they imply nothing.

    Parameters
    ----------
    loglik, sigma2 : Interval
        Printed values.
    d : Interval
        ln|I - rho W|/n.
    constant : float
        ln(2 pi), or zero for likelihoods without it.

    Returns
    -------
    Interval or None
    """
    share = Interval(
        d.low - (constant + math.log(sigma2.high) + 1) / 2, d.high - (constant + math.log(sigma2.low) + 1) / 2
    )
    if share.low <= 0 <= share.high:
        return None
    return loglik / share


def log_determinant(column: Column) -> Interval | None:
    """Return bounds of ln|I - rho W|/n for row-standardised weights, or None where rho leaves (-1, 1).

    Parameters
    ----------
    column : Column
        Its rho and lambda.

    Returns
    -------
    Interval or None
    """
    total = exact(0.0)
    model = model_of(column)
    spatial = [e.value.interval for e in (column.rho, column.lam) if e is not None]
    if not spatial and model not in ("ols", "slx"):
        spatial = [Interval(-UNKNOWN_RHO, UNKNOWN_RHO)]
    for rho in spatial:
        size = rho.size.high
        if size >= 1:
            return None
        above = math.log1p(size**3) / 3 if rho.low < 0 else 0.0
        total = total + Interval(math.log1p(-(size**2)) / 2, above)
    return total


def _maximum_likelihood(table: PrintedTable, column: Column, sigma2: Interval) -> Interval:
    """Return the range of e'e/N: a printed variance may have been divided by fewer observations."""
    n, T = column.n or table.n, column.T or table.T
    of_units = 1 - 1 / n if n and n > 1 else 0.96
    of_periods = 1 - 1 / T if T and T > 1 else 1 - 1 / (FEWEST_PERIODS + 1)
    share = of_units * of_periods
    return Interval(sigma2.low * share, sigma2.high)


def _candidates(table: PrintedTable, column: Column, printed: dict[str, float]) -> list[Interval]:
    """Return the numbers that a likelihood may rest on, as intervals where T is not printed."""
    found = [exact(count) for count in printed.values()]
    if not ((column.n or table.n) and (column.T or table.T)):
        found += [Interval(count * (1 - 1 / FEWEST_PERIODS), count) for count in printed.values()]
    return found


def _without_constant(loglik: Number, sigma2: Number, d: Interval, printed: dict[str, float]) -> bool:
    implied = implied_number(loglik.interval, sigma2.interval, d, constant=0.0)
    return implied is not None and any(implied.scaled(0.01).holds(count) for count in printed.values())


def number_from_variance(table: PrintedTable) -> Iterator[Check]:
    """Check N against the t statistic of sigma2.

    The information of s2 is N/(2 s2^2), so se(s2) = s2 sqrt(2/N) and N = 2 t(s2)^2. The covariance of s2 with
    rho lowers t: N lies up to 1/(1 - rho^2) higher, since tr(G)^2/n <= rho^2 tr(GG + G'G)/2 for the usual
    weights. Where s2 was raised by T/(T - 1) after estimation, the Hessian there gives N (1 - 2/T). Ten per
    cent are allowed; robust errors follow another formula.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for column in table.columns:
        if column.sigma2 is None or column.sigma2.beside is None:
            continue
        kind, printed = column.sigma2.kind or table.beside, counts(table, column)
        if kind not in ("se", "t", "z") or not printed:
            continue
        text = _listed(printed)
        if any(word in table.covariance.lower() for word in ROBUST):
            yield Check("D3", column.name, Verdict.CANNOT_TELL, text, reason="robust_errors")
            continue
        t = t_statistic(column.sigma2, kind)
        if t is not None and t.low > 0:
            yield _number_from_variance(table, column, t, printed, text)


def _number_from_variance(
    table: PrintedTable, column: Column, t: Interval, printed: dict[str, float], text: str
) -> Check:
    implied = Interval(2 * t.low**2, 2 * t.high**2)
    sizes = [min(e.value.interval.size.high, 0.95) for e in (column.rho, column.lam) if e is not None]
    room = math.prod(1 - size**2 for size in sizes)
    wide = Interval(implied.low * (1 - VARIANCE_TOLERANCE), implied.high * (1 + VARIANCE_TOLERANCE) / room)
    figures = {"t(sigma2)": span(t)}
    if any(implied.holds(count) for count in printed.values()):
        verdict = Verdict.HOLDS
    else:
        share = 1 - 2 / (column.T or table.T or 2 * FEWEST_PERIODS)
        met = any(wide.meets(Interval(max(share, 0.0) * count, count)) for count in printed.values())
        verdict = Verdict.ROUNDING if met else Verdict.FAILS
    reason = "perhaps_robust" if verdict is Verdict.FAILS and not table.covariance else ""
    return Check("D3", column.name, verdict, text, shown(implied), figures, reason)


def akaike(table: PrintedTable) -> Iterator[Check]:
    """Check that AIC and logL imply a whole number of parameters.

    AIC = -2 logL + 2k, so k = (AIC + 2 logL)/2 is a positive whole number. Some programs divide AIC by N.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for column in table.columns:
        if column.aic is None or column.loglik is None:
            continue
        k = parameters(column.aic, column.loglik)
        figures = {"AIC": column.aic.text, "logL": column.loglik.text}
        whole = _whole(k.widened(PARAMETER_TOLERANCE / 2))
        if whole:
            sharp = len(whole) == 1 and k.holds(whole[0])
            verdict = Verdict.HOLDS if sharp else Verdict.ROUNDING
            yield Check("D4", column.name, verdict, f"k = {span(k)}", _whole_text(whole), figures)
        elif _per_observation(table, column, column.aic, column.loglik):
            yield Check(
                "D4", column.name, Verdict.CANNOT_TELL, f"k = {span(k)}", "", figures, "per_observation"
            )
        else:
            yield Check("D4", column.name, Verdict.FAILS, f"k = {span(k)}", "", figures)


def parameters(aic: Number, loglik: Number) -> Interval:
    """Return the number of parameters that AIC and logL imply.

    Parameters
    ----------
    aic, loglik : Number
        As printed.

    Returns
    -------
    Interval
    """
    return over_corners(lambda a, ll: (a + 2 * ll) / 2, aic.interval, loglik.interval)


def _whole(interval: Interval) -> list[int]:
    if not math.isfinite(interval.width) or interval.width > 100:
        return []
    return list(range(max(1, math.ceil(interval.low)), math.floor(interval.high) + 1))


def _whole_text(whole: list[int]) -> str:
    return f"k = {whole[0]}" if len(whole) == 1 else f"k = {whole[0]} … {whole[-1]}"


def _per_observation(table: PrintedTable, column: Column, criterion: Number, loglik: Number) -> bool:
    N = column.N or table.N
    return N is not None and abs(criterion.value + 2 * loglik.value / N) < 0.2 * (1 + abs(criterion.value))


def schwarz(table: PrintedTable) -> Iterator[Check]:
    """Check that BIC, logL and k imply the printed number of observations.

    BIC = -2 logL + k ln N, so N = exp((BIC + 2 logL)/k), with k from AIC where that is printed; otherwise
    some whole k must give a printed number.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    for column in table.columns:
        printed = counts(table, column)
        if column.bic is None or column.loglik is None:
            continue
        penalty = over_corners(lambda b, ll: b + 2 * ll, column.bic.interval, column.loglik.interval)
        if column.aic is not None:
            ks = _whole(parameters(column.aic, column.loglik).widened(PARAMETER_TOLERANCE / 2))
        else:
            ks = list(range(1, 400))
        if ks and penalty.low > 0:
            known = (column.n or table.n) and (column.T or table.T)
            yield _schwarz(column, penalty, ks, printed, [] if known else list(printed.values()))
        elif penalty.high <= 0:
            figures = {"BIC": column.bic.text, "logL": column.loglik.text}
            perhaps = _per_observation(table, column, column.bic, column.loglik)
            verdict = Verdict.CANNOT_TELL if perhaps else Verdict.FAILS
            reason = "per_observation" if perhaps else ""
            yield Check("D5", column.name, verdict, f"BIC + 2 logL = {span(penalty)}", "> 0", figures, reason)


def _schwarz(
    column: Column, penalty: Interval, ks: list[int], printed: dict[str, float], unknown: list[float]
) -> Check:
    """Compare with the printed numbers; ``unknown`` are those whose effective part is not known."""
    implied = {
        k: Interval(math.exp(min(penalty.low / k, 700)), math.exp(min(penalty.high / k, 700))) for k in ks
    }
    if not printed:
        shown_counts = "; ".join(f"k = {k}: N = {span(i)}" for k, i in list(implied.items())[:3])
        known = column.aic is not None
        return Check(
            "D5", column.name, Verdict.CANNOT_TELL, "", shown_counts if known else "", reason="no_number"
        )
    fitting = [k for k, i in implied.items() if any(i.scaled(0.001).holds(c) for c in printed.values())]
    if fitting:
        verdict = Verdict.HOLDS if len(fitting) == 1 else Verdict.ROUNDING
        return Check("D5", column.name, verdict, _listed(printed), f"{_whole_text(fitting)}")
    if column.aic is None:
        return Check("D5", column.name, Verdict.CANNOT_TELL, _listed(printed), reason="no_aic")
    listed = "; ".join(f"k = {k}: N = {span(i)}" for k, i in list(implied.items())[:3])
    effective = any(
        i.meets(Interval(N * (1 - 1 / FEWEST_PERIODS), N)) for i in implied.values() for N in unknown
    )
    verdict = Verdict.CANNOT_TELL if effective else Verdict.FAILS
    reason = "effective_observations" if effective else ""
    return Check("D5", column.name, verdict, _listed(printed), listed, reason=reason)


def _listed(printed: dict[str, float]) -> str:
    seen: dict[float, list[str]] = {}
    for name, count in printed.items():
        seen.setdefault(count, []).append(name)
    return ", ".join(f"{' = '.join(names)} = {count:g}" for count, names in seen.items())


def criteria_order(table: PrintedTable) -> Iterator[Check]:
    """Check that two columns with the same numbers of AIC, BIC and logL parameters imply the same N.

    From AIC and BIC alone: (BIC - AIC)/k + 2 = ln N for every column estimated on the same sample.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    found = {}
    for column in table.columns:
        if column.aic and column.bic and column.loglik:
            ks = _whole(parameters(column.aic, column.loglik).widened(PARAMETER_TOLERANCE / 2))
            gap = column.bic.interval - column.aic.interval
            found[column.name] = [Interval(gap.low / k + 2, gap.high / k + 2) for k in ks]
    same_sample = len({(c.N, c.n, c.T, c.n_effective) for c in table.columns}) == 1
    if len(found) < 2 or not all(found.values()) or not same_sample:
        return
    every = list(product(*found.values())) if len(found) < 8 else []
    shared = any(max(i.low for i in combo) <= min(i.high for i in combo) for combo in every)
    if every and table.structure != "mixed":
        listed = "; ".join(f"{name}: ln N = {span(i[0])}" for name, i in found.items())
        verdict = Verdict.ROUNDING if shared else Verdict.CANNOT_TELL
        yield Check("D5", table.id, verdict, listed, reason="" if shared else "other_samples")
