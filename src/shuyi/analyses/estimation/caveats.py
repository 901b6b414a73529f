"""What the reader of an estimate must know, computed from the estimate itself.

Serial correlation of its residuals, the number of clusters, the unit without which it moves farthest, the
smallest effects that it could have detected, and the denominators that its index shares with its outcome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from shuyi.analyses.estimation.influence import without_each
from shuyi.indices import INDEX
from shuyi.spatialpanel.diagnostics.serial import MIN_PERIODS, serial_correlation
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.montecarlo.detectable import detectable_from_error

if TYPE_CHECKING:
    from shuyi.panel import Panel
    from shuyi.spatialpanel import Fit, Specification
    from shuyi.spatialpanel.least_squares import FixedEffectsFit
    from shuyi.weights import Weights

MIN_UNITS = 3


@dataclass(frozen=True)
class Caveats:
    """Facts behind the caveats of one estimate.

    Parameters
    ----------
    term : str
        Regressor whose effects they concern; empty where the model has it not.
    covariance : str
        Kind of the standard errors.
    df : float or None
        Degrees of freedom of the reference distribution; None for the normal.
    n : int
        Number of units, each a cluster.
    serial_p : float or None
        p-value of Wooldridge's test of serially correlated residuals.
    influential : str
        The unit without which the direct effect moves farthest.
    share : float or None
        Its share in the variation of the term that is left once the effects are removed.
    effects, without : mapping of str to float
        Direct, indirect and total effects of the term with all units, and without that unit.
    detectable : mapping of str to float
        Smallest effect of each kind that is detected with `power` at 1 - `level`.
    power, level : float
        Power, and confidence level of intervals.
    shared : mapping of str to sequence of str
        Indicators of the index by the denominator that the outcome rests on too.
    """

    term: str
    covariance: str
    df: float | None
    n: int
    serial_p: float | None
    influential: str = ""
    share: float | None = None
    effects: Mapping[str, float] = field(default_factory=dict)
    without: Mapping[str, float] = field(default_factory=dict)
    detectable: Mapping[str, float] = field(default_factory=dict)
    power: float = 0.8
    level: float = 0.95
    shared: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the facts as plain values, for JSON.

        Returns
        -------
        dict
            The fields by name.
        """
        return asdict(self)


def caveats_of(
    panel: Panel,
    weights: Weights,
    specification: Specification,
    fit: Fit | FixedEffectsFit,
    *,
    term: str,
    power: float,
    level: float,
    shared: Mapping[str, Sequence[str]],
) -> Caveats:
    """Return the facts behind the caveats of one estimate.

    Parameters
    ----------
    panel : Panel
        Cut to the sample of the specification.
    weights : Weights
        Of the panel's units.
    specification : Specification
        What was estimated.
    fit : Fit or FixedEffectsFit
        Its estimate.
    term : str
        Regressor whose effects matter.
    power, level : float
        Power at which an effect counts as detectable, and confidence level of intervals.
    shared : mapping of str to sequence of str
        Indicators of the index by denominator that the outcome rests on too.

    Returns
    -------
    Caveats
        Without effects where the model does not have the term.
    """
    df = fit.df_reference
    known: dict[str, Any] = {
        "covariance": fit.covariance_kind,
        "df": None if df == float("inf") else float(df),
        "n": fit.n,
        "serial_p": _serial_p(fit),
        "power": power,
        "level": level,
    }
    if term not in specification.regressors:
        return Caveats("", **known)
    found = without_each(panel, weights, specification, term)
    at = found.influential
    return Caveats(
        term,
        **known,
        influential=found.units[at],
        share=float(found.share[at]),
        effects=dict(zip(COMPONENTS, found.whole.tolist(), strict=True)),
        without=dict(zip(COMPONENTS, found.estimate[at].tolist(), strict=True)),
        detectable={
            c: detectable_from_error(float(e), fit.n, power=power, level=1 - level)
            for c, e in zip(COMPONENTS, found.whole_std_error, strict=True)
        },
        shared=dict(shared) if term.startswith(INDEX) else {},
    )


def _serial_p(fit: Fit | FixedEffectsFit) -> float | None:
    e = fit.residual_values
    if e is None or e.shape[0] < MIN_PERIODS or e.shape[1] < MIN_UNITS:
        return None
    return float(serial_correlation(e).p_value)
