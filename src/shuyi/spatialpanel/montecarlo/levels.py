"""Level of the tests of one specification, by simulation, on panels like those they are applied to.

Every panel has k regressors and a true null: no spatial terms, slopes of one, random effects of units and
periods unrelated to the regressors where the test's null allows them. Errors and regressors are AR(1) within
units and independent between them. The share of p-values up to 5 % is the level; it is .05 for a test that
keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConvergenceError
from shuyi.spatialpanel.design import Design, Lags
from shuyi.spatialpanel.diagnostics import mundlak
from shuyi.spatialpanel.diagnostics.autocorrelation import residual_autocorrelation
from shuyi.spatialpanel.diagnostics.cross_section import dependence_test, weighted_cd
from shuyi.spatialpanel.diagnostics.dependence import correlations
from shuyi.spatialpanel.diagnostics.few_units import hotelling_f
from shuyi.spatialpanel.diagnostics.lm import lm_statistics
from shuyi.spatialpanel.diagnostics.resampled import (
    Family,
    comparison_families,
    dependence_family,
    effects_families,
    maximum,
    problem_of,
    simplification_families,
    spatial_comparison_family,
    wald_statistic,
)
from shuyi.spatialpanel.diagnostics.resampling import MAX_AR
from shuyi.spatialpanel.diagnostics.result import TestResult, chi_squared, standard_normal
from shuyi.spatialpanel.diagnostics.serial import serial_correlation
from shuyi.spatialpanel.montecarlo.coverage import proportion
from shuyi.spatialpanel.montecarlo.simulate import autoregressive
from shuyi.spatialpanel.results import static_point
from shuyi.spatialpanel.transforms import within

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from shuyi.spatialpanel.results import Fit
    from shuyi.weights import Weights

LEVEL = 0.05
KINDS = ("ar1", "wild_cluster")
SIMULATED_DRAWS = 99
"""Panels drawn for a simulated null distribution."""

MORAN_PERMUTATIONS = 199
"""Permutations of the residuals of one period."""

NEAR = 0.1
"""Distance of autocorrelations, and of the number of units in shares, up to which panels are alike."""


@dataclass(frozen=True, slots=True)
class LevelDesign:
    """Panels on which levels are measured.

    Attributes
    ----------
    errors_ar, regressors_ar : float
        First-order autocorrelation within units.
    T : int
        Number of periods.
    k : int
        Number of regressors.
    replications : int
        Panels.
    draws : int
        Draws of each bootstrap; zero leaves it out. The level of a bootstrap test is exact for few draws too
        where ``.05 (draws + 1)`` is a whole number.
    spatial, spatial_draws : int
        Panels, the first of all, on which the random-effects tests of the spatial model are computed, and the
        draws of their bootstraps: their estimates take a hundred times as long.
    seed : int
        Start of the random numbers of all panels.
    """

    errors_ar: float
    regressors_ar: float
    T: int = 9
    k: int = 5
    replications: int = 500
    draws: int = 19
    spatial: int = 100
    spatial_draws: int = 19
    seed: int = 1

    @property
    def labels(self) -> dict[str, float]:
        """Columns that identify the design."""
        return {"errors_ar": self.errors_ar, "regressors_ar": self.regressors_ar}


DESIGNS = (
    LevelDesign(0.0, 0.0, spatial_draws=0),
    LevelDesign(0.5, 0.5, spatial_draws=0),
    LevelDesign(0.5, 0.95, draws=39),
    LevelDesign(0.985, 0.93, spatial_draws=0, replications=300),
)
"""Independent errors and regressors; errors of .5 with regressors of .5 and of .95; what `design_like` finds
in the paper's headline."""


def design_like(fit: Fit, *, replications: int = 500, draws: int = 0, seed: int = 1) -> LevelDesign:
    """Return a design with the size and the autocorrelations of a fit's data, to print levels beside tests.

    Parameters
    ----------
    fit : Fit
        Of a static model with individual or two-way effects.
    replications, draws, seed : int
        Of the design; without draws bootstraps are left out, and 500 panels take about a minute.

    Returns
    -------
    LevelDesign
        With the AR(1) coefficient that the residuals imply, and the mean of those that the regressors imply
        (see `tests.autocorrelation`), at most .985.

    Raises
    ------
    ConfigError, DataError, IdentificationError
        See `tests.autocorrelation.residual_autocorrelation`.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> from shuyi.spatialpanel.montecarlo import lattice
    >>> panel = simulate("sdm", lattice(6), 9, seed=1, theta=(0.5,), errors="ar1", persistence=0.9)
    >>> design = design_like(SDM(panel, lattice(6), outcome="y", regressors=["x1"]).fit())
    >>> design.T, design.k, round(design.errors_ar, 1)
    (9, 1, 0.4)
    """
    problem, _ = static_point(fit)
    x, effects = problem.design.x, fit.effects_structure
    own = [
        residual_autocorrelation(within(x[..., j], effects), effects=effects).ar for j in range(x.shape[2])
    ]
    return LevelDesign(
        min(residual_autocorrelation(fit).ar, MAX_AR),
        min(float(np.mean(own)), MAX_AR),
        T=fit.T,
        k=x.shape[2],
        replications=replications,
        draws=draws,
        spatial=0,
        seed=seed,
    )


def measured_levels() -> pd.DataFrame:
    """Return the levels that come with the package: `DESIGNS`, 31 provinces joined by their land borders.

    Returns
    -------
    DataFrame
        The columns of `level_table`. ``python tools/measure_levels.py`` measures them.

    Examples
    --------
    >>> levels = measured_levels().set_index(["test", "effects", "version", "errors_ar", "regressors_ar"])
    >>> bool(levels.loc[("wald_sar", "twoways", "textbook", 0.5, 0.95), "level"] > 0.2)
    True
    """
    from importlib.resources import files
    from io import StringIO

    import pandas as pd

    text = files("shuyi").joinpath("resources", "levels.csv").read_text(encoding="utf-8")
    return pd.read_csv(StringIO(text))


def levels_like(design: LevelDesign, n: int) -> pd.DataFrame:
    """Return the levels that come with the package on panels like a design, none where no panel was.

    Alike are panels of the same T and k, of about as many units, whose autocorrelations differ by up to .1;
    the nearest count.

    Parameters
    ----------
    design : LevelDesign
        What `design_like` finds in a fit.
    n : int
        Number of units.

    Returns
    -------
    DataFrame
        Rows of `measured_levels` of one design, or no row.

    Examples
    --------
    >>> levels_like(LevelDesign(0.9, 0.9), 31)["errors_ar"].unique().tolist()
    [0.985]
    >>> len(levels_like(LevelDesign(0.9, 0.9, T=20), 31))
    0
    """
    found = measured_levels()
    apart = np.maximum(
        (found["errors_ar"] - design.errors_ar).abs(), (found["regressors_ar"] - design.regressors_ar).abs()
    )
    size = (found["T"] == design.T) & (found["k"] == design.k) & ((found["n"] / n - 1).abs() <= NEAR)
    near = apart[size & (apart <= NEAR)]
    return found.loc[near.index[near == near.min()]] if len(near) else found.iloc[:0]


def level_table(
    design: LevelDesign, weights: Weights, *, panels: Sequence[int] | None = None
) -> pd.DataFrame:
    """Return the share of panels in which each test rejects its true null at 5 %.

    Parameters
    ----------
    design : LevelDesign
        What the panels are like.
    weights : Weights
        Row-standardised, of the units.
    panels : sequence of int, optional
        Numbers of panels to draw, for a part of the work; all by default.

    Returns
    -------
    DataFrame
        Columns: errors_ar, regressors_ar, n, T, k, test, effects (those of the model, or that stay in both
        models), version, level, mc_error, used, refused. Versions are ``"textbook"``, the ``"jackknife"``
        covariance with chi-squared or with Hotelling's F (``"jackknife_f"``), the ``"simulated"`` null
        distribution, the ``"permutation"`` of residuals, and the bootstraps ``"ar1"`` and ``"wild_cluster"``.
    """
    numbers = range(design.replications) if panels is None else panels
    return summarise(design, weights.n, [p_values(design, weights, r) for r in numbers])


def summarise(
    design: LevelDesign, n: int, found: Sequence[dict[tuple[str, str, str], float]]
) -> pd.DataFrame:
    """Return shares of p-values up to 5 % from the p-values of each panel (see `p_values`).

    Parameters
    ----------
    design : LevelDesign
        What the panels are like.
    n : int
        Number of units.
    found : sequence of dict
        What `p_values` returns, by panel.

    Returns
    -------
    DataFrame
        The columns of `level_table`.
    """
    import pandas as pd

    keys = list(dict.fromkeys(key for panel in found for key in panel))
    rows = []
    for key in keys:
        values = np.array([panel[key] for panel in found if key in panel])
        usable = values[np.isfinite(values)]
        test, effects, version = key
        rows.append(
            {
                **design.labels,
                "n": n,
                "T": design.T,
                "k": design.k,
                "test": test,
                "effects": effects,
                "version": version,
                **proportion(usable <= LEVEL, len(values), "level"),
            }
        )
    return pd.DataFrame(rows)


def p_values(design: LevelDesign, weights: Weights, number: int) -> dict[tuple[str, str, str], float]:
    """Return the p-values of all tests on one panel, by test, effects and version.

    Parameters
    ----------
    design : LevelDesign
        What the panel is like.
    weights : Weights
        Row-standardised weights of the units.
    number : int
        Of the panel; it draws from child `number` of the seed.

    Returns
    -------
    dict
        p-values by test, effects and version; NaN where a test was refused.
    """
    data = draw(design, weights, number)
    found: dict[tuple[str, str, str], float] = {}
    for part in (_plain, _resampled, _residuals):
        found |= dict(part(design, data, number))
    if number < design.spatial:
        found |= dict(_spatial_random(design, data["twoways"], number))
    return found


def draw(design: LevelDesign, weights: Weights, number: int) -> dict[str, Design]:
    """Return one panel with the effects of each structure, regressors and errors the same in all.

    Parameters
    ----------
    design : LevelDesign
        What the panel is like.
    weights : Weights
        Row-standardised weights of the units.
    number : int
        Number of the panel.

    Returns
    -------
    dict
        Designs under ``"pooled"`` (no effects), ``"individual"``, ``"time"`` and ``"twoways"``.
    """
    rng = np.random.default_rng(np.random.SeedSequence(design.seed, spawn_key=(number,)))
    T, n, k = design.T, weights.n, design.k
    x = np.moveaxis(autoregressive(rng.standard_normal((k, T, n)), design.regressors_ar), 0, -1)
    u = autoregressive(rng.standard_normal((T, n)), design.errors_ar)
    of_units, of_periods = rng.standard_normal(n), rng.standard_normal((T, 1))
    y = x.sum(axis=2) + u
    names, lags = tuple(f"x{j + 1}" for j in range(k)), Lags((weights,))
    shifts = {
        "pooled": 0.0,
        "individual": of_units,
        "time": of_periods,
        "twoways": of_units + of_periods,
    }
    periods = tuple(range(1, T + 1))
    return {
        effects: Design("y", names, names, y + shift, x, weights.labels, periods, lags, lags)
        for effects, shift in shifts.items()
    }


Found = Iterator[tuple[tuple[str, str, str], float]]


def _plain(design: LevelDesign, data: dict[str, Design], number: int) -> Found:
    """Yield textbook LM tests under each structure of effects, and jackknife and information forms."""
    for effects in ("pooled", "individual", "time", "twoways"):
        plain = replace(data[effects], durbin=())
        if effects == "pooled":
            plain = _with_intercept(plain)
        statistics = lm_statistics(plain, effects)
        for name in ("lag", "error", "robust_lag", "robust_error"):
            test = f"lm_{name}" if "robust" not in name else f"robust_lm_{name.removeprefix('robust_')}"
            yield (test, effects, "textbook"), chi_squared(test, "", getattr(statistics, name), 1).p_value
    for effects in mundlak.STRUCTURES:
        panel = data[effects]
        yield (
            ("mundlak", effects, "jackknife_f"),
            mundlak.between_test(panel.y, panel.x, effects=effects).p_value,
        )
    problem = problem_of(replace(data["twoways"], error_lags=None), "twoways", has_lag=True)
    point = maximum(problem)
    for kind, version in (("information", "textbook"), ("cluster_jackknife", "jackknife")):
        for name in ("sar", "sem", "slx"):
            df = 1 if name == "slx" else design.k
            value = wald_statistic(problem, point, name, kind)
            wald = chi_squared("wald", "", value, df)
            yield (f"wald_{name}", "twoways", version), wald.p_value
            if version == "jackknife":
                yield (f"wald_{name}", "twoways", "jackknife_f"), hotelling_f(wald, problem.design.n).p_value


def _resampled(design: LevelDesign, data: dict[str, Design], number: int) -> Found:
    """Yield the tests that `resampled` bootstraps, textbook and by each kind of bootstrap."""
    for kind in KINDS:
        for family in _families(data, kind):
            for version, tests in _versions(family, kind, design.draws, number):
                for test in tests:
                    if not (version == "textbook" and test.test.startswith("wald")):
                        yield (test.test, test.spec, version), test.p_value


def _families(data: dict[str, Design], kind: str) -> Iterator[Family]:
    yield from simplification_families(data["twoways"], "twoways", kind)
    yield dependence_family(data["twoways"], "twoways", kind)
    for effects, family in zip(mundlak.STRUCTURES, comparison_families(data["twoways"], kind), strict=True):
        if effects == "twoways":
            yield family
    yield next(iter(comparison_families(data["individual"], kind)))
    if kind == "ar1":
        yield from _effects_families(data)


def _effects_families(data: dict[str, Design]) -> Iterator[Family]:
    """Yield each ratio of effects on the panel that holds the effects which stay in both models."""
    by_kept = {kept: list(effects_families(data[kept])) for kept in ("pooled", "individual", "time")}
    for position in range(len(by_kept["pooled"])):
        for kept, families in by_kept.items():
            if families[position].observed[0].spec == kept:
                yield families[position]


def _versions(
    family: Family, kind: str, draws: int, number: int
) -> Iterator[tuple[str, tuple[TestResult, ...]]]:
    if kind == "ar1":
        yield "textbook", family.observed
    if draws:
        try:
            yield kind, family.resampled(draws, number)
        except ConvergenceError:
            yield kind, tuple(replace(test, p_value=float("nan")) for test in family.observed)


def _residuals(design: LevelDesign, data: dict[str, Design], number: int) -> Found:
    """Yield the tests of residuals of the two-way Durbin model."""
    from shuyi.spatialpanel.likelihood import residuals

    problem = problem_of(replace(data["twoways"], error_lags=None), "twoways", has_lag=True)
    e = residuals(problem, maximum(problem))
    T, n = e.shape
    plain = np.sqrt(2 * T / (n * (n - 1))) * correlations(e).sum()
    yield ("pesaran_cd", "twoways", "textbook"), standard_normal("cd", "", plain).p_value
    yield ("weighted_cd", "twoways", "textbook"), weighted_cd(e, seed=number).p_value
    simulated = dependence_test(e, effects="twoways", draws=SIMULATED_DRAWS, seed=number)
    yield ("cross_section_dependence", "twoways", "simulated"), simulated.p_value
    yield from _moran(e, data["twoways"], number)
    if design.errors_ar == 0:
        yield ("serial_correlation", "twoways", "textbook"), serial_correlation(e).p_value


def _moran(e: NDArray, design: Design, number: int) -> Found:
    """Yield Moran's I of the first period's residuals by the normal approximation and by permutations."""
    assert design.lags is not None
    from shuyi.esda import residual_moran

    found = residual_moran(
        e[:1],
        design.units,
        design.periods[:1],
        design.lags.at(0),
        permutations=MORAN_PERMUTATIONS,
        seed=number,
    ).rows[0]
    yield ("residual_moran", "twoways", "textbook"), found.p_random
    yield ("residual_moran", "twoways", "permutation"), found.p_permuted


def _spatial_random(design: LevelDesign, data: Design, number: int) -> Found:
    """Yield Hausman's and Mundlak's test of the spatial Durbin model, period means removed beforehand."""
    assert data.lags is not None
    panel = _panel(replace(data, y=within(data.y, "time"), x=within(data.x, "time")))
    for kind in KINDS:
        try:
            family = spatial_comparison_family(
                panel, data.lags.at(0), outcome="y", regressors=data.regressors, kind=kind
            )
        except ConvergenceError:
            continue
        for version, tests in _versions(family, kind, design.spatial_draws, number):
            for test in tests:
                yield (test.test, "individual", version), test.p_value


def _panel(design: Design) -> Any:
    from shuyi.panel import Panel

    values = np.concatenate([design.y[:, :, None], design.x], axis=2)
    return Panel(values, design.units, design.periods, (design.outcome, *design.regressors))


def _with_intercept(design: Design) -> Design:
    from shuyi.spatialpanel.design import INTERCEPT

    x = np.concatenate([np.ones((design.T, design.n, 1)), design.x], axis=2)
    return replace(design, x=x, regressors=(INTERCEPT, *design.regressors))
