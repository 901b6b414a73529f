"""Identities of direct, indirect and total effects (LeSage and Pace 2009; Elhorst 2014, section 2.7).

With S = (I - rho W)^{-1} the effects of regressor k are M_k = S (b_k I + th_k W): direct = tr(M_k)/n,
total = 1'M_k 1/n, indirect = total - direct.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from shuyi.review.distributions import normal_critical
from shuyi.review.findings import Check, Verdict, judge, shown
from shuyi.review.intervals import Interval, exact, intersection, over_corners
from shuyi.review.numbers import short
from shuyi.review.table import DURBIN, LAGGED, Column, Effect, Estimate, PrintedTable, model_of

SIMULATION_ERRORS = 0.25
"""Standard errors by which a mean of draws may miss the value at the estimates."""
SIMULATION_SHARE = 0.10
"""Share of an effect by which a mean of draws may miss it."""
CURVATURES = 3.0
"""Multiples of the second-order term in rho that a mean of draws may miss by."""
ZERO = exact(0.0)


def effects_sum(table: PrintedTable) -> Iterator[Check]:
    """Check that direct and indirect effect add up to the total.

    By definition indirect = total - direct; means of draws are linear and keep the sum.

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
        for place, effect in _all_effects(column):
            if effect.direct and effect.indirect and effect.total:
                direct, indirect, total = effect.direct.value, effect.indirect.value, effect.total.value
                implied = direct.interval + indirect.interval
                middle = direct.value + indirect.value
                yield Check(
                    "A1",
                    f"{column.name}: {place}",
                    judge(total.interval, implied, middle),
                    total.text,
                    shown(implied),
                    {"direct": direct.text, "indirect": indirect.text},
                )


def total_effect(table: PrintedTable) -> Iterator[Check]:
    """Check the total effect against the coefficients, for a row-standardised W.

    Rows of W sum to one, so 1'S1/n = 1/(1 - rho): total = (b + th)/(1 - rho) with a spatial lag of the
    outcome and b + th without. The mean of draws of a ratio differs from the ratio at the means by about
    total (se(rho)/(1 - rho))^2; the allowance is the largest of a quarter standard error, ten per cent and
    three times this term.

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
        for name, effect in column.effects.items():
            if effect.total is not None:
                yield from _total(table, column, name, effect.total)


def _total(table: PrintedTable, column: Column, name: str, total: Estimate) -> Iterator[Check]:
    place, terms = f"{column.name}: {name}", _coefficients(column, name)
    if terms is None:
        return
    b, theta, rho, sure = terms
    if table.row_standardised is False:
        yield Check("A2", place, Verdict.CANNOT_TELL, total.value.text, reason="not_row_standardised")
        return
    if rho.low <= 1 <= rho.high:
        yield Check("A2", place, Verdict.CANNOT_TELL, total.value.text, reason="rho_at_one")
        return
    implied = (b + theta) / (exact(1.0) - rho)
    middle = (_mid(b) + _mid(theta)) / (1 - _mid(rho))
    verdict = judge(total.value.interval, implied, middle, _allowance(table, column, total, middle))
    reason = ""
    if verdict is Verdict.FAILS and (column.is_dynamic or not sure):
        verdict, reason = Verdict.CANNOT_TELL, "run_unknown" if column.is_dynamic else "model_unknown"
    yield Check("A2", place, verdict, total.value.text, shown(implied), _figures(b, theta, rho), reason)


def direct_without_lag(table: PrintedTable) -> Iterator[Check]:
    """Check that the direct effect is b and the indirect th in models without a spatial lag of the outcome.

    With rho = 0 S is I, so M_k = b_k I + th_k W; W has a zero diagonal: direct = b_k, and indirect = th_k
    where rows of W sum to one.

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
        if model_of(column) not in ("slx", "sdem") or column.rho is not None:
            continue
        for name, effect in column.effects.items():
            pairs = [("direct", effect.direct, column.b.get(name))]
            if table.row_standardised is not False:
                pairs.append(("indirect", effect.indirect, column.theta.get(name)))
            for part, found, coefficient in pairs:
                if found is not None and coefficient is not None:
                    implied = coefficient.value.interval
                    allowance = _allowance(table, column, found, coefficient.value.value)
                    verdict = judge(found.value.interval, implied, coefficient.value.value, allowance)
                    place = f"{column.name}: {name}, {part}"
                    yield Check("A2", place, verdict, found.value.text, shown(implied))


def feedback(table: PrintedTable) -> Iterator[Check]:
    """Check that the direct effects of a column imply one tr(S)/n, at least 1 for rho > 0.

    WS = (S - I)/rho, so direct_k = b_k s1 + th_k (s1 - 1)/rho with s1 = tr(S)/n for any W, and
    s1 = (direct + th/rho)/(b + th/rho) = 1 + (direct - b)/(b + th/rho). The powers of a non-negative W have
    non-negative traces, so s1 >= 1 for rho > 0.

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
        if model_of(column) in LAGGED and column.rho is not None and column.effects:
            yield from _one_multiplier(table, column, "direct", "A3")


def one_total_multiplier(table: PrintedTable) -> Iterator[Check]:
    """Check that the total effects of a column imply one 1'S1/n where W is not row-standardised.

    The algebra of `feedback` holds for 1'S1/n in the place of tr(S)/n, whatever the rows of W sum to.

    Parameters
    ----------
    table : PrintedTable
        The printed table.

    Yields
    ------
    Check
        One per place in the table.
    """
    if table.row_standardised is not False:
        return
    for column in table.columns:
        if model_of(column) in LAGGED and column.rho is not None and column.effects:
            yield from _one_multiplier(table, column, "total", "A5")


def _one_multiplier(table: PrintedTable, column: Column, part: str, identity: str) -> Iterator[Check]:
    rounded: dict[str, Interval] = {}
    drawn: dict[str, Interval] = {}
    for name, effect in column.effects.items():
        found, terms = getattr(effect, part), _coefficients(column, name)
        if found is None or terms is None or not terms[3]:
            continue
        b, theta, rho, _ = terms
        bounds = _multiplier(found.value.interval, b, theta, rho)
        if bounds is not None:
            allowance = _allowance(table, column, found, found.value.value)
            rounded[name] = bounds
            wider = _multiplier(found.value.interval.widened(allowance), b, theta, rho)
            drawn[name] = bounds if wider is None else wider
    if part == "direct":
        yield from _at_least_one(column, rounded, drawn)
    if len(rounded) > 1:
        verdict = _agreement(rounded, drawn)
        listed = "; ".join(f"{name}: {shown(bounds)}" for name, bounds in rounded.items())
        shared = intersection(rounded.values())
        yield Check(identity, column.name, verdict, listed, shown(shared) if shared else "")


def _at_least_one(
    column: Column, rounded: Mapping[str, Interval], drawn: Mapping[str, Interval]
) -> Iterator[Check]:
    if column.rho is None or column.rho.value.interval.low <= 0:
        return
    for name, bounds in rounded.items():
        if bounds.high >= 1:
            verdict = Verdict.HOLDS if bounds.low >= 1 else Verdict.ROUNDING
        else:
            verdict = Verdict.SIMULATION if drawn[name].high >= 1 else Verdict.FAILS
        yield Check("A3", f"{column.name}: {name}", verdict, shown(bounds), "≥ 1", reason="below_one")


def _agreement(rounded: Mapping[str, Interval], drawn: Mapping[str, Interval]) -> Verdict:
    if intersection(rounded.values()):
        return Verdict.ROUNDING
    return Verdict.SIMULATION if intersection(drawn.values()) else Verdict.FAILS


def _multiplier(effect: Interval, b: Interval, theta: Interval, rho: Interval) -> Interval | None:
    """Return the values of s1 that rounding allows, or None where the quotient has no bounds."""
    if rho.low <= 0 <= rho.high and theta != ZERO:
        return None
    pole = b if theta == ZERO else b + theta / rho
    if pole.low <= 0 <= pole.high:
        return None
    if theta == ZERO:
        return over_corners(lambda d, x: d / x, effect, b)
    return over_corners(lambda d, x, t, r: 1 + (d - x) / (x + t / r), effect, b, theta, rho)


def dynamic_totals(table: PrintedTable) -> Iterator[Check]:
    """Check short- and long-run totals of a dynamic model against its coefficients.

    With tau y_{t-1} + eta W y_{t-1}: short run (b + th)/(1 - rho); long run ((1 - tau) I - (rho + eta)
    W)^{-1}, so (b + th)/(1 - tau - rho - eta) for a row-standardised W (Elhorst 2014, section 4.6).

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
        if not column.is_dynamic:
            continue
        runs = (("short", column.short, False), ("long", column.long, True))
        for run, effects, is_long in runs:
            for name, effect in effects.items():
                if effect.total is not None:
                    yield from _dynamic_total(table, column, f"{name}, {run}", name, effect.total, is_long)


def _dynamic_total(
    table: PrintedTable, column: Column, place: str, name: str, total: Estimate, is_long: bool
) -> Iterator[Check]:
    terms = _coefficients(column, name)
    if terms is None:
        return
    b, theta, rho, sure = terms
    if table.row_standardised is False:
        sure = False
    persistence = [e for e in (column.tau, column.eta) if e is not None] if is_long else []
    denominator, middle = exact(1.0) - rho, 1 - _mid(rho)
    for estimate in persistence:
        denominator, middle = denominator - estimate.value.interval, middle - estimate.value.value
    where = f"{column.name}: {place}"
    if denominator.low <= 0 <= denominator.high:
        yield Check("A4", where, Verdict.CANNOT_TELL, total.value.text, reason="rho_at_one")
        return
    implied, middle = (b + theta) / denominator, (_mid(b) + _mid(theta)) / middle
    allowance = _allowance(table, column, total, middle, share=2 if is_long else 1)
    verdict = judge(total.value.interval, implied, middle, allowance)
    reason = "" if sure or verdict is not Verdict.FAILS else "model_unknown"
    verdict = Verdict.CANNOT_TELL if reason else verdict
    yield Check("A4", where, verdict, total.value.text, shown(implied), _figures(b, theta, rho), reason)


def _coefficients(column: Column, name: str) -> tuple[Interval, Interval, Interval, bool] | None:
    """Return b, th, rho of a regressor and whether the formula of the model is beyond doubt."""
    b, theta, model = column.b.get(name), column.theta.get(name), model_of(column)
    if b is None or (model in LAGGED and column.rho is None) or model in ("ols", "sem"):
        return None
    if not model and column.rho is None:
        return None
    sure = bool(model) and (theta is not None or model not in DURBIN)
    rho = column.rho.value.interval if column.rho is not None else ZERO
    return b.value.interval, theta.value.interval if theta is not None else ZERO, rho, sure


def _allowance(
    table: PrintedTable, column: Column, effect: Estimate, implied: float, share: int = 1
) -> float:
    """Return how far a mean of draws may lie from the effect at the estimates."""
    if table.simulated is False:
        return 0.0
    error = standard_error(table, effect)
    rho_error = standard_error(table, column.rho) if column.rho is not None else 0.0
    distance = abs(1 - column.rho.value.value) if column.rho is not None else 1.0
    curvature = CURVATURES * abs(implied) * (rho_error / distance) ** 2 if distance and implied else 0.0
    return share * max(SIMULATION_ERRORS * error, SIMULATION_SHARE * abs(implied), curvature)


def standard_error(table: PrintedTable, estimate: Estimate) -> float:
    """Return the largest standard error that a printed estimate allows; zero where it is unknown.

    Parameters
    ----------
    table : PrintedTable
        Says what stands in parentheses.
    estimate : Estimate
        The estimate.

    Returns
    -------
    float
    """
    if estimate.beside is None:
        return 0.0
    kind, beside, size = (
        estimate.kind or table.beside,
        estimate.beside.interval,
        estimate.value.interval.size.high,
    )
    if kind == "se":
        return max(beside.high, 0.0)
    if kind in ("t", "z"):
        return size / beside.size.low if beside.size.low else math.inf
    if kind == "p":
        return size / normal_critical(beside.high) if 0 < beside.high < 1 else math.inf
    return 0.0


def _all_effects(column: Column) -> Iterator[tuple[str, Effect]]:
    for run, effects in (("", column.effects), (", short", column.short), (", long", column.long)):
        for name, effect in effects.items():
            yield name + run, effect


def _mid(interval: Interval) -> float:
    return (interval.low + interval.high) / 2


def _figures(b: Interval, theta: Interval, rho: Interval) -> dict[str, str]:
    return {"b": short(_mid(b)), "th": short(_mid(theta)), "rho": short(_mid(rho))}
