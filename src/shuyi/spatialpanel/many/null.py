"""The specification curve under the null that one regressor has no effect.

Each specification is estimated without the regressor, outcomes are drawn from that fit, and the specification
itself is estimated on each of them. Random numbers are the same in all specifications (see `draws`), so that
draw r of the whole curve is one curve under the null: the reference distribution of joint statistics
(Simonsohn, Simmons and Nelson 2020). Rho, fixed effects and, with whole units as
clusters, any serial correlation stay as estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, ShuyiError, check_known, offenders
from shuyi.spatialpanel.effects import COMPONENTS
from shuyi.spatialpanel.many.draws import draw_outcomes
from shuyi.spatialpanel.many.plan import Inputs, build_inputs, durbin_of, position
from shuyi.spatialpanel.many.resampled import fit_resampled
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.resampling import KINDS, MULTIPLIERS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.models import SpatialModel
    from shuyi.spatialpanel.specification import Specification


@dataclass(frozen=True, slots=True, eq=False)
class NullCurve:
    """Effects of one term in S specifications under D draws of the null.

    Attributes
    ----------
    specifications : tuple of Specification, length S
        In the order given.
    estimate, std_error : ndarray, shape (S, D, 3)
        Direct, indirect and total effects, and their delta-method errors; NaN where an outcome, or the
        specification, was refused.
    refused : ndarray of int, shape (S,)
        Outcomes without an estimate.
    reasons : tuple of str, length S
        Why a specification has no draws; empty where it has.

    Examples
    --------
    >>> from shuyi.spatialpanel import Specification
    >>> from shuyi.spatialpanel.many import NullCurve, null_curve
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> specs = [Specification(m, "", "", m, "y", ("x1",)) for m in ("slx", "sdm")]
    >>> curve = null_curve(panel, weights, specs, term="x1", draws=5)
    >>> isinstance(curve, NullCurve), curve.estimate.shape
    (True, (2, 5, 3))
    """

    specifications: tuple[Specification, ...]
    estimate: NDArray[np.float64]
    std_error: NDArray[np.float64]
    refused: NDArray[np.int64]
    reasons: tuple[str, ...]


def null_curve(
    data: Any,
    weights: Any,
    specifications: Sequence[Specification],
    *,
    term: str | int = 0,
    draws: int = 199,
    seed: int = 1,
    kind: str = "wild_cluster",
    multipliers: str = "rademacher",
    islands: str = "refuse",
) -> NullCurve:
    """Estimate specifications on outcomes in which one term has no effect.

    Specifications are independent of each other given data and seed, so that parts of a curve can be computed
    apart, on the same mapping of samples, and concatenated.

    Parameters
    ----------
    data : Panel, DataFrame indexed by (unit, period), or mapping of str to these
        One panel for all specifications, or a panel by name of the sample.
    weights : Weights, libpysal Graph or W, labelled square DataFrame, or mapping of str to these
        One matrix for all specifications, or a matrix by name.
    specifications : sequence of Specification
        With ids of their own.
    term : str or int, default 0
        Regressor without an effect, by name or by position: the first by default.
    draws : int, default 199
        Number of random draws.
    seed : int, default 1
        Seed of the random draws.
    kind : {"wild_cluster", "wild", "parametric"}, default "wild_cluster"
        Innovations, as in `draws.draw_outcomes`.
    multipliers : {"rademacher", "mammen", "webb", "normal"}, default "rademacher"
        Random numbers of the wild kinds.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with a unit without neighbours; kept, its spatial lags are zero.

    Returns
    -------
    NullCurve

    Raises
    ------
    ConfigError
        If an option is unknown, or two specifications share an id, or name a sample or weights that are not
        given.
    DataError
        If a panel is unbalanced or not numeric.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel import Specification
    >>> from shuyi.spatialpanel.many import null_curve
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> specs = [Specification(m, "", "", m, "y", ("x1",)) for m in ("slx", "sdm")]
    >>> curve = null_curve(panel, weights, specs, term="x1", draws=9)
    >>> np.nanmedian(curve.estimate[:, :, 1], axis=0).shape
    (9,)
    """
    check_known(kind, KINDS, "bootstrap")
    check_known(multipliers, MULTIPLIERS, "multiplier")
    specifications = tuple(specifications)
    inputs = build_inputs(data, weights, specifications, islands)
    whole: dict[str, Any] = {"units": inputs.units, "periods": inputs.periods}
    shape = (len(specifications), draws, len(COMPONENTS))
    estimate, error = np.full(shape, np.nan), np.full(shape, np.nan)
    refused, reasons = np.zeros(len(specifications), np.int64), [""] * len(specifications)
    for i, spec in enumerate(specifications):
        place = position(spec.regressors, term)
        try:
            model = _model(inputs, spec)
            base = _model(inputs, _without(spec, place)).fit(spec.correction)
            y = draw_outcomes(base, draws, seed, kind=kind, multipliers=multipliers, **whole)
            found = fit_resampled(model, y, spec.correction, spec.covariance)
        except (ShuyiError, np.linalg.LinAlgError) as problem:
            reasons[i] = str(problem)
            continue
        estimate[i], error[i] = found.effects[:, place], found.effects_std_error[:, place]
        refused[i] = int((~found.estimated).sum())
    return NullCurve(specifications, estimate, error, refused, tuple(reasons))


def _without(spec: Specification, place: int) -> Specification:
    """Return a specification without one of its regressors."""
    if place < 0:
        raise ConfigError(
            "The specification lacks the term that has no effect under the null.",
            found=f"regressors: {offenders(spec.regressors, 12)}",
        )
    gone = spec.regressors[place]
    durbin = spec.durbin
    if not isinstance(durbin, str):
        durbin = tuple(z for z in durbin if z != gone) or "none"
    return replace(spec, regressors=tuple(r for r in spec.regressors if r != gone), durbin=durbin)


def _model(inputs: Inputs, spec: Specification) -> SpatialModel:
    durbin = durbin_of(spec)
    return MODELS[spec.model](
        inputs.panel(spec.sample),
        inputs.weights_of(spec.sample, spec.weights),
        outcome=spec.outcome,
        regressors=spec.regressors,
        durbin=spec.durbin if durbin is None else durbin or None,
        effects=spec.effects,
        islands=inputs.islands,
    )
