"""Size and power of the specification tests, by simulation.

Every cell is drawn under three values of th: zero (SAR is true), ``-rho b`` (SEM is true, the common factor)
and the cell's own. All of them share regressors and errors. Statistics are those of
`shuyi.spatialpanel.diagnostics`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConvergenceError
from shuyi.spatialpanel.diagnostics.lm import lm_statistics
from shuyi.spatialpanel.diagnostics.serial import serial_correlation
from shuyi.spatialpanel.likelihood import build_problem, loglikelihood, reduce, residuals
from shuyi.spatialpanel.montecarlo.cells import Cell, Layout, Settings, draw_designs
from shuyi.spatialpanel.montecarlo.coverage import covariances_of, proportion
from shuyi.spatialpanel.optimise import maximise
from shuyi.spatialpanel.transforms import resolve_convention

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.spatialpanel.design import Design
    from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point


LEVEL = 0.05
CONVENTION = "lee_yu"
"""Convention of the estimates behind LR, Wald and residual tests."""

LM = ("lag", "error", "robust_lag", "robust_error")
RESTRICTED = ("sar", "sem")


@dataclass(frozen=True, slots=True)
class Truth:
    """A value of th, and the smallest model that holds under it.

    Parameters
    ----------
    model : str
        Id of the model.
    theta : float
        Coefficient of the regressor's spatial lag.
    """

    model: str
    theta: float


def truths(cell: Cell) -> list[Truth]:
    """Return the values of th that a cell is drawn under, each once.

    Parameters
    ----------
    cell : Cell
        Parameters of the data.

    Returns
    -------
    list of Truth
        Two or three, those of SAR and SEM first.
    """
    found = [Truth("sar", 0.0), Truth("sem", -cell.rho * cell.beta), Truth("sdm", cell.theta)]
    return [t for i, t in enumerate(found) if t.theta not in [earlier.theta for earlier in found[:i]]]


def size_table(cell: Cell, layout: Layout, settings: Settings) -> pd.DataFrame:
    """Return rejection rates at 5 % of all tests in a cell.

    Columns: the cell's labels, truth (smallest true model), theta, test, covariance (of Wald tests),
    null_true (whether the rate is a size; else it is power), rejection, mc_error (binomial), used, refused.

    Parameters
    ----------
    cell : Cell
        Cell to draw.
    layout : Layout
        Weights of the cell's layout, and options of the kinds of covariance.
    settings : Settings
        Its `simulated` names the covariances of Wald tests, its `test_replications` the replications.

    Returns
    -------
    DataFrame
        One row per truth, test and covariance.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for truth in truths(cell):
        found = [
            p_values(design, layout, settings.simulated)
            for design in islice(draw_designs(cell, layout.weights, truth.theta), settings.test_replications)
        ]
        for key in _keys(settings.simulated):
            given = np.array([p[key] for p in found if key in p])
            rows.append(
                {
                    **cell.labels(layout.weights.n),
                    "truth": truth.model,
                    "theta": truth.theta,
                    "test": key[0],
                    "covariance": key[1],
                    "null_true": _holds(key[0], cell, truth.theta),
                    **proportion(given < LEVEL, len(found), "rejection"),
                }
            )
    return pd.DataFrame(rows)


def p_values(design: Design, layout: Layout, covariances: tuple[str, ...]) -> dict[tuple[str, str], float]:
    """Return the p-values of all tests of one data set, by test and covariance; refused ones are left out.

    Parameters
    ----------
    design : Design
        Data of one replication.
    layout : Layout
        Options of the kinds of covariance.
    covariances : tuple of str
        Kinds of covariance of Wald tests.

    Returns
    -------
    dict of (str, str) to float
        p-value by test and covariance, the latter empty for other tests.
    """
    statistics = lm_statistics(replace(design, durbin=()), "twoways")
    found = {(f"lm_{name}", ""): _chi_squared(getattr(statistics, name)) for name in LM}
    try:
        problem, point = _estimate(design, has_lag=True)
    except ConvergenceError:
        return found
    whole = loglikelihood(problem, point)
    for model in RESTRICTED:
        try:
            smaller = loglikelihood(*_estimate(restricted(design, model), has_lag=model == "sar"))
        except ConvergenceError:
            continue
        found[f"lr_{model}", ""] = _chi_squared(2 * (whole - smaller))
    b, th, rho = *point.beta, point.rho
    for kind, matrix in covariances_of(problem, point, covariances, layout).items():
        factor = np.array([rho, 1.0, b])
        found["wald_sar", kind] = _chi_squared(th**2 / matrix[1, 1])
        found["wald_sem", kind] = _chi_squared((th + rho * b) ** 2 / (factor @ matrix[:3, :3] @ factor))
    found["serial_correlation", ""] = serial_correlation(residuals(problem, point)).p_value
    return found


def restricted(design: Design, model: str) -> Design:
    """Return the data of SAR or SEM instead of SDM.

    Parameters
    ----------
    design : Design
        Data of the spatial Durbin model.
    model : {"sar", "sem"}
        The special case.

    Returns
    -------
    Design
        Without the spatial lag of the regressor; for SEM with the weights of the errors.
    """
    if model == "sar":
        return replace(design, durbin=())
    return replace(design, durbin=(), error_lags=design.lags)


def _estimate(design: Design, *, has_lag: bool) -> tuple[LikelihoodProblem, Point]:
    convention = resolve_convention(
        CONVENTION, "twoways", design.n, design.T, row_standardised=True, constant_weights=True
    )
    problem = build_problem(design, convention, has_lag=has_lag)
    return problem, maximise(problem, reduce(problem))[0]


def _keys(covariances: tuple[str, ...]) -> list[tuple[str, str]]:
    wald = [(f"wald_{model}", kind) for model in RESTRICTED for kind in covariances]
    plain = [*(f"lm_{name}" for name in LM), *(f"lr_{model}" for model in RESTRICTED), "serial_correlation"]
    return [*((name, "") for name in plain), *wald]


def _holds(test: str, cell: Cell, theta: float) -> bool:
    """Whether the null of a test is true."""
    if test == "serial_correlation":
        return cell.errors != "ar1"
    if test.startswith("lm_"):
        return cell.rho == 0 and theta == 0
    return theta == 0 if test.endswith("_sar") else theta + cell.rho * cell.beta == 0


def _chi_squared(statistic: float) -> float:
    from scipy.special import chdtrc

    return float(chdtrc(1, max(statistic, 0.0)))
