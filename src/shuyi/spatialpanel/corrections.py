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
    data, weights, outcome, regressors, durbin, effects, islands
        As in `models.SpatialModel`.
    model : str
        A key of `models.MODELS`.
    covariance : str

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
