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
    lag, durbin, error : bool
        Spatial lag of the outcome (rho), of regressors (th), of the error (lam).
    note : str
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
    design : Design
    effects : str
        One of `EFFECTS`.
    dynamic : False, "tau", "eta" or "both"
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
    """Arguments of `SpatialModel.fit`, handed to the estimator of the model's route."""

    correction: str = "lee_yu"
    covariance: str = "information"
    covariance_options: Mapping[str, Any] = field(default_factory=dict)
    logdet: str = "auto"
    bias_of: str = "exact"
    unstable: str = "refuse"
