"""Which convention prints these numbers: a column estimated again under each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shuyi.errors import DataError, ShuyiError, did_you_mean, offenders
from shuyi.review.identities.stars import t_statistic
from shuyi.review.numbers import Number
from shuyi.review.table import Column, Estimate, PrintedTable, model_of

STRUCTURES = ("twoways", "individual", "time", "pooled")
CONVENTIONS: tuple[tuple[str, dict[str, str]], ...] = (
    ("exact", {}),
    ("demean_then_lag", {}),
    ("lee_yu", {}),
    ("lee_yu_bias", {"bias_of": "exact"}),
    ("lee_yu_bias", {"bias_of": "demean_then_lag"}),
)
"""Treatments of fixed effects and of the lag: whether variables are lagged before or after they are
demeaned."""
COVARIANCES = ("information", "hessian", "robust", "cluster")
NEAR = 1.0
"""Units of the last printed digit within which a number counts as reproduced: rounded or cut off."""
PARTS = ("direct", "indirect", "total")


@dataclass(frozen=True, slots=True)
class Distance:
    """One printed number against its estimate.

    Parameters
    ----------
    name : str
        Row of the table, ``se`` in front for what the parentheses hold.
    printed : str
        As printed.
    found : float
        As estimated here.
    units : float
        Distance in units of the last printed digit.
    """

    name: str
    printed: str
    found: float
    units: float

    @property
    def is_near(self) -> bool:
        """Whether the estimate reproduces the printed number."""
        return self.units <= NEAR


@dataclass(frozen=True)
class Attempt:
    """A column estimated under one convention and covariance.

    Parameters
    ----------
    column : str
        Heading of the column.
    structure, convention, covariance : str
        Fixed effects, their treatment and the kind of standard errors.
    distances : tuple of Distance
        Every printed number that has an estimate.
    """

    column: str
    structure: str
    convention: str
    covariance: str
    distances: tuple[Distance, ...]

    @property
    def near(self) -> int:
        """How many numbers are reproduced."""
        return sum(d.is_near for d in self.distances)

    @property
    def far(self) -> tuple[Distance, ...]:
        """Numbers that are not reproduced, the farthest first."""
        return tuple(sorted((d for d in self.distances if not d.is_near), key=lambda d: -d.units))

    @property
    def median(self) -> float:
        """Median distance in units of the last digit."""
        ordered = sorted(d.units for d in self.distances)
        return ordered[len(ordered) // 2] if ordered else float("inf")


def reestimate(
    table: PrintedTable,
    panel: Any,
    weights: Any,
    *,
    outcome: str,
    names: Mapping[str, str] | None = None,
    structures: Sequence[str] = STRUCTURES,
) -> list[Attempt]:
    """Estimate every column under each convention, ranked by how many printed numbers it reproduces.

    Parameters
    ----------
    table : PrintedTable
        Columns with coefficients; models with a lag in time are left out.
    panel : Panel
        Balanced data of the study.
    weights : Weights
        Weights of the study, for the panel's units in their order.
    outcome : str
        Variable of the panel that is explained.
    names : mapping of str to str, optional
        Printed name of a regressor and its name in the panel, where these differ.
    structures : sequence of str
        Fixed effects that are tried.

    Returns
    -------
    list of Attempt
        By column, the best first.

    Raises
    ------
    DataError
        If a regressor is not in the panel.
    """
    attempts: list[Attempt] = []
    for column in table.columns:
        if column.b and model_of(column) and not column.is_dynamic:
            regressors = _regressors(column, panel, names or {})
            _check_not_missing([outcome], panel)
            own = list(_attempts(table, column, panel, weights, outcome, regressors, structures))
            attempts += sorted(own, key=lambda a: (-a.near, a.median))
    return attempts


def best(attempts: Sequence[Attempt]) -> dict[str, Attempt]:
    """Return the attempt that reproduces most numbers, by column.

    Parameters
    ----------
    attempts : sequence of Attempt
        As `reestimate` returns them.

    Returns
    -------
    dict of str to Attempt
    """
    found: dict[str, Attempt] = {}
    for attempt in attempts:
        found.setdefault(attempt.column, attempt)
    return found


def _attempts(
    table: PrintedTable,
    column: Column,
    panel: Any,
    weights: Any,
    outcome: str,
    regressors: Mapping[str, str],
    structures: Sequence[str],
) -> Iterator[Attempt]:
    from shuyi.spatialpanel import MODELS

    durbin: dict[str, Any] = {"durbin": [regressors[name] for name in column.theta]} if column.theta else {}
    for structure in structures:
        model = MODELS[model_of(column)](
            panel, weights, outcome=outcome, regressors=list(regressors.values()), effects=structure, **durbin
        )
        for convention, options in CONVENTIONS if structure != "pooled" else CONVENTIONS[:1]:
            for covariance in COVARIANCES:
                fit = _fit(model, convention if structure != "pooled" else "none", covariance, options)
                if fit is not None:
                    label = " of ".join([convention, *options.values()])
                    distances = tuple(_distances(table, column, fit, regressors))
                    yield Attempt(column.name, structure, label, covariance, distances)


def _fit(model: Any, convention: str, covariance: str, options: Mapping[str, str]) -> Any:
    """Return a fit, or None where the convention or the covariance does not exist for this model."""
    try:
        return model.fit(convention, covariance, **options)
    except ShuyiError:
        return None


def _distances(
    table: PrintedTable, column: Column, fit: Any, regressors: Mapping[str, str]
) -> Iterator[Distance]:
    estimates = dict(zip(fit.names, map(float, fit.values), strict=True))
    errors = dict(zip(fit.names, map(float, fit.standard_errors), strict=True))
    printed = [(name, e, regressors[name]) for name, e in column.b.items()]
    printed += [(f"W × {name}", e, f"W_{regressors[name]}") for name, e in column.theta.items()]
    singles = {"rho": column.rho, "lam": column.lam, "sigma2": column.sigma2}
    printed += [(name, e, name) for name, e in singles.items() if e is not None]
    for name, estimate, key in printed:
        if key in estimates:
            yield _distance(name, estimate.value, estimates[key])
            yield from _error(table, name, estimate, estimates[key], errors.get(key))
    if column.loglik is not None:
        yield _distance("logL", column.loglik, float(fit.loglik))
    yield from _effects(column, fit, regressors)


def _error(
    table: PrintedTable, name: str, estimate: Estimate, found: float, error: float | None
) -> Iterator[Distance]:
    kind = estimate.kind or table.beside
    if estimate.beside is None or not error:
        return
    if kind == "se":
        yield _distance(f"se {name}", estimate.beside, error)
    elif kind in ("t", "z") and t_statistic(estimate, kind) is not None:
        yield _distance(f"t {name}", estimate.beside, found / error)


def _effects(column: Column, fit: Any, regressors: Mapping[str, str]) -> Iterator[Distance]:
    if not column.effects:
        return
    effects = fit.effects(draws=0)
    row = {term: i for i, term in enumerate(effects.terms)}
    for name, effect in column.effects.items():
        if regressors.get(name) in row:
            for j, part in enumerate(PARTS):
                printed = getattr(effect, part)
                if printed is not None:
                    value = float(effects.estimate[row[regressors[name]], j])
                    yield _distance(f"{name}, {part}", printed.value, value)


def _distance(name: str, printed: Number, found: float) -> Distance:
    return Distance(name, printed.text, found, abs(found - printed.value) / printed.unit)


def _regressors(column: Column, panel: Any, names: Mapping[str, str]) -> dict[str, str]:
    """Return the variable of the panel for each printed regressor."""
    lower = {v.lower(): v for v in panel.variables}
    found = {name: names.get(name, lower.get(name.lower(), name)) for name in {**column.b, **column.theta}}
    constant = [name for name in found if name.lower() in ("const", "constant", "_cons", "cons", "常数项")]
    for name in constant:
        del found[name]
    _check_not_missing(found.values(), panel)
    return found


def _check_not_missing(wanted: Any, panel: Any) -> None:
    missing = [name for name in wanted if name not in panel.variables]
    if missing:
        raise DataError(
            "The panel lacks variables of the table.",
            expected=f"among {offenders(panel.variables, 12)}",
            found=offenders(missing),
            remedy=did_you_mean(missing[0], panel.variables) or "name them: --name 'printed=variable'",
        )
