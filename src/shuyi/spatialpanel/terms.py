"""Which terms a model has, and what its estimators read of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from shuyi.spatialpanel.transforms import FIXED_EFFECTS, RANDOM_EFFECTS

if TYPE_CHECKING:
    from shuyi.spatialpanel.design import Design


WITH_INTERCEPT = ("pooled", *RANDOM_EFFECTS)
"""Effects structures whose models get an intercept."""

BIAS_BASES = ("exact", "demean_then_lag")
DYNAMICS = ("tau", "eta", "both")
EFFECTS = (*FIXED_EFFECTS, *RANDOM_EFFECTS)
"""Effects structures."""

UNSTABLE = ("refuse", "flag")
RANDOM_FORMS = ("kkp", "baltagi")


@dataclass(frozen=True, slots=True)
class Terms:
    """Which spatial terms a model has.

    Attributes
    ----------
    name : str
        Id of the model.
    lag, durbin, error : bool
        Spatial lag of the outcome (rho), of regressors (th), of the error (lam).
    note : str, default ""
        What every table of this model must say.
    """

    name: str
    lag: bool = False
    durbin: bool = False
    error: bool = False
    note: str = ""

    @property
    def spills_over(self) -> bool:
        """Whether a regressor affects other units: through rho or th."""
        return self.lag or self.durbin


class SpecifiedModel:
    """What an estimator reads of a model: its terms, its aligned data and its effects.

    Attributes
    ----------
    terms : Terms
        Spatial terms of the model.
    design : Design
        Data, aligned and complete.
    effects : str
        One of `EFFECTS`.
    dynamic : False, "tau", "eta" or "both"
        Lags in time.
    random_form : str
        One of `RANDOM_FORMS`.
    """

    terms: ClassVar[Terms]
    design: Design
    effects: str
    dynamic: bool | str
    random_form: str


@dataclass(frozen=True, slots=True)
class FitOptions:
    """Arguments of `SpatialModel.fit`, handed to the estimator of the model's route.

    Parameters
    ----------
    correction : str, default "lee_yu"
        How fixed effects are removed.
    covariance : str, default "information"
        Kind of covariance, a key of `covariance.COVARIANCES`.
    covariance_options : mapping, default empty
        Arguments of that covariance.
    logdet : str, default "auto"
        ``"auto"`` or a key of `logdet.METHODS`.
    bias_of : str, default "exact"
        The direct estimate that ``correction="lee_yu_bias"`` corrects.
    unstable : {"refuse", "flag"}, default "refuse"
        What to do with a dynamic estimate outside the stable region.
    """

    correction: str = "lee_yu"
    covariance: str = "information"
    covariance_options: Mapping[str, Any] = field(default_factory=dict)
    logdet: str = "auto"
    bias_of: str = "exact"
    unstable: str = "refuse"
