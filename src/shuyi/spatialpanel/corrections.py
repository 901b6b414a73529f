"""One model under every correction for its fixed effects, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shuyi.errors import ConfigError
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.transforms import CORRECTIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd


def compare_corrections(
    data: Any,
    weights: Any,
    *,
    outcome: str,
    regressors: Sequence[str],
    model: str = "sdm",
    durbin: str | Sequence[str] | None = "default",
    effects: str = "twoways",
    covariance: str = "information",
    islands: str = "refuse",
) -> pd.DataFrame:
    """Estimate a model under every correction that its effects and weights allow.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds the outcome and the regressors.
    weights : Weights or anything that `Weights.coerce` accepts, or a list of T of them
        Spatial weights with the panel's units in the panel's order; a list where they vary by period.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        Names of the explanatory variables, without the intercept.
    model : str, default "sdm"
        A key of `models.MODELS`.
    durbin : "all", sequence of str, or None
        Regressors whose spatial lags are included; by default all where the model has such terms.
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        Fixed effects of the model.
    covariance : str, default "information"
        Kind of covariance, a key of `covariance.COVARIANCES`.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Returns
    -------
    DataFrame
        One row per correction, in the order of `transforms.CORRECTIONS`; columns: the parameters, then
        ``loglik``, ``n_effective`` and, by regressor, ``indirect_<name>`` with its delta-method
        ``indirect_<name>_std_error``. A correction that does not exist for these effects and weights has no
        row.

    Raises
    ------
    ShuyiError
        Whatever the model refuses under all corrections.

    Examples
    --------
    >>> from shuyi.spatialpanel import compare_corrections
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> compare_corrections(panel, weights, outcome="y", regressors=["x1"]).index.tolist()
    ['exact', 'demean_then_lag', 'lee_yu', 'lee_yu_bias']
    """
    import pandas as pd

    specified = MODELS[model](
        data,
        weights,
        outcome=outcome,
        regressors=regressors,
        durbin=durbin,
        effects=effects,
        islands=islands,
    )
    rows = {}
    for correction in CORRECTIONS[1:]:
        try:
            fit = specified.fit(correction, covariance)
        except ConfigError:
            if correction == "exact":
                raise
            continue
        found = fit.effects(draws=0)
        spillovers = zip(found.terms, found.estimate[:, 1], found.std_error_delta[:, 1], strict=True)
        rows[fit.convention] = {
            **dict(zip(fit.names, fit.values.tolist(), strict=True)),
            "loglik": fit.loglik,
            "n_effective": fit.n_effective,
            **{k: v for t, e, s in spillovers for k, v in _named(t, float(e), float(s))},
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("convention")


def _named(term: str, estimate: float, error: float) -> list[tuple[str, float]]:
    return [(f"indirect_{term}", estimate), (f"indirect_{term}_std_error", error)]
