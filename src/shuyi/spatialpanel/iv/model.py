"""Spatial two-stage least squares and GMM: endogenous regressors beside the spatial lag of the outcome.

The equation ``y = rho W y + X b + W Z th + effects + u`` is estimated with ``W y`` and further named
regressors as endogenous. Effects are removed by one within projector from y, W y, X, W Z and all instruments,
which gives two-stage least squares with dummies; linearmodels estimates the transformed equation.
Instruments are the spatial lags ``W X, W^2 X, ...`` of the exogenous regressors and external variables
(Kelejian and Prucha 1998).

Methods: ``s2sls``; ``gmm``, the two-step efficient estimate; ``gs2sls``, where ``u = lam W u + e`` is
estimated by moments of the S2SLS residuals and filtered out before a second round (Kelejian and Prucha 1998;
with fixed effects Mutl and Pfaffermayr 2011).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.arguments import whole_number
from shuyi.errors import (
    ConfigError,
    IdentificationError,
    WeightsError,
    check_known,
    did_you_mean,
    offenders,
)
from shuyi.spatialpanel.design import INTERCEPT, Design, Lags, build_design, check_kept_dummies
from shuyi.spatialpanel.exact import check_not_exact
from shuyi.spatialpanel.iv.diagnostics import Counts, conditional_f, endogeneity, first_stage, hansen, sargan
from shuyi.spatialpanel.iv.equation import KINDS, Columns, Equation, check_identified, collinear_columns
from shuyi.spatialpanel.iv.moments import WEIGHTINGS, ErrorProcess, estimate_error_process
from shuyi.spatialpanel.iv.results import SpatialIVFit
from shuyi.spatialpanel.logdet.choose import log_determinant
from shuyi.spatialpanel.transforms import FIXED_EFFECTS, degrees_of_freedom, within

if TYPE_CHECKING:
    from numpy.typing import NDArray


METHODS = ("s2sls", "gs2sls", "gmm")

LAG = "rho"
"""Name of the coefficient of the spatial lag of the outcome, and of its column."""

ABSORBED = 1e-10
"""Share of a column's size that must be left after the transformation."""

FEW_CLUSTERS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """The transformed variables of one equation.

    Parameters
    ----------
    outcome : Columns
        The dependent variable.
    exogenous : Columns
        Included exogenous variables; possibly none.
    endogenous : Columns
        Endogenous variables, the spatial lag of the outcome among them.
    instruments : Columns
        Excluded instruments.
    dropped : tuple of str, default empty
        Spatial lags that hold nothing new and are no instruments.
    """

    outcome: Columns
    exogenous: Columns
    endogenous: Columns
    instruments: Columns
    dropped: tuple[str, ...] = ()

    def map(self, function: Callable[[NDArray], NDArray], *, instruments: bool = True) -> Sample:
        """Apply a function of arrays (T, n, k) to all columns, or to all but the excluded instruments.

        Parameters
        ----------
        function : callable
            Takes and returns an array of shape (T, n, k).
        instruments : bool, default True
            Whether the excluded instruments are changed too.

        Returns
        -------
        Sample
            A new sample.
        """
        parts = (self.outcome, self.exogenous, self.endogenous)
        changed = [Columns(c.names, function(c.values)) for c in parts]
        kept = self.instruments
        last = Columns(kept.names, function(kept.values)) if instruments else kept
        return Sample(changed[0], changed[1], changed[2], last, self.dropped)

    def equation(self, kind: str) -> Equation:
        """Return the equation for a kind of covariance.

        Parameters
        ----------
        kind : {"unadjusted", "robust", "clustered"}
            Kind of covariance.

        Returns
        -------
        Equation
            The same variables, stacked.
        """
        return Equation.of(self.outcome, self.exogenous, self.endogenous, self.instruments, kind)


class SpatialIV:
    """A spatial panel equation with endogenous regressors.

    Parameters
    ----------
    data : Panel or DataFrame indexed by (unit, period)
        Balanced panel that holds outcome, regressors and instruments; a frame is indexed by (unit, period).
    weights : Weights, libpysal Graph or W, labelled square DataFrame, or a list of T of them, optional
        Spatial weights with the panel's units in the panel's order; a list where they vary by period. An
        equation without spatial terms needs none.
    outcome : str
        Name of the dependent variable.
    regressors : sequence of str
        All regressors, exogenous and endogenous.
    endogenous : sequence of str, default empty
        Those of the regressors that are endogenous; the spatial lag of the outcome is so by itself.
    instruments : sequence of str, default empty
        External instruments: variables of the data that are not among the regressors.
    durbin : "all", sequence of str,, optional
        Regressors whose spatial lags are included; the lag of an endogenous regressor is endogenous.
    effects : {"pooled", "individual", "time", "twoways"}, default "twoways"
        Fixed effects that are removed before estimation.
    lag : bool, default True
        Whether the equation has rho.
    orders : int, default 2
        Highest power of W in the instruments ``W X, W^2 X, ...`` that serve the spatial lag. Those that
        repeat other columns are left out, and a note names them.
    lag_instruments : bool, default False
        Whether the same spatial lags of the external instruments are instruments too: needed in practice
        where the spatial lag of an endogenous regressor is included.
    error_weights : as `weights`, optional
        Weights of the error process of ``gs2sls``; by default those of the lag.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.

    Raises
    ------
    ConfigError
        If names do not fit together.
    DataError, AlignmentError, WeightsError
        See `design.build_design`.

    Examples
    --------
    >>> from shuyi.spatialpanel import SpatialIV
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> model = SpatialIV(panel, weights, outcome="y", regressors=["x1"], durbin="all")
    >>> fit = model.fit("s2sls")
    >>> fit.names, bool(0 < fit["rho"] < 1)
    (('x1', 'W_x1', 'rho'), True)
    """

    def __init__(
        self,
        data: Any,
        weights: Any = None,
        *,
        outcome: str,
        regressors: Sequence[str],
        endogenous: Sequence[str] = (),
        instruments: Sequence[str] = (),
        durbin: str | Sequence[str] | None = None,
        effects: str = "twoways",
        lag: bool = True,
        orders: int = 2,
        lag_instruments: bool = False,
        error_weights: Any = None,
        islands: str = "refuse",
    ) -> None:
        check_known(effects, FIXED_EFFECTS, "effects structure")
        lists = {"regressors": regressors, "endogenous": endogenous, "instruments": instruments}
        _check_single_names(lists)
        lagged = tuple(regressors) if durbin == "all" else tuple(durbin or ())
        for name, given in (("endogenous", tuple(endogenous)), ("durbin", lagged)):
            _check_are_regressors(name, given, tuple(regressors))
        _check_lags(weights, lag or bool(lagged) or lag_instruments, orders)
        self.effects, self.lag, self.orders, self.lag_instruments = effects, lag, int(orders), lag_instruments
        self.endogenous, self.instruments = tuple(endogenous), tuple(instruments)
        self.design: Design = build_design(
            data,
            weights,
            outcome=outcome,
            regressors=(*regressors, *instruments),
            durbin=lagged,
            intercept=effects == "pooled",
            error_weights=error_weights,
            has_error=weights is not None or error_weights is not None,
            islands=islands,
        )

    def __repr__(self) -> str:
        d = self.design
        return (
            f"<SpatialIV of {d.outcome!r} on {', '.join(self.names)}; endogenous: "
            f"{', '.join(self.endogenous_names)}; {self.effects} effects, n = {d.n}, T = {d.T}>"
        )

    @property
    def regressors(self) -> tuple[str, ...]:
        """Regressors, with the intercept of a pooled model first."""
        return tuple(r for r in self.design.regressors if r not in self.instruments)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients: regressors, their spatial lags, rho."""
        lags = tuple(f"W_{z}" for z in self.design.durbin)
        return (*self.regressors, *lags, *((LAG,) if self.lag else ()))

    @property
    def endogenous_names(self) -> tuple[str, ...]:
        """Coefficients of the endogenous variables: spatial lag first, then regressors and their lags."""
        lags = tuple(f"W_{z}" for z in self.design.durbin if z in self.endogenous)
        return (*((LAG,) if self.lag else ()), *self.endogenous, *lags)

    def fit(
        self,
        method: str = "s2sls",
        covariance: str = "unadjusted",
        *,
        small_sample: bool = True,
        moments: str = "weighted",
    ) -> SpatialIVFit:
        """Estimate the equation.

        Degrees of freedom: with N the rank of the within projector, e.g. (n - 1)(T - 1), and k the number of
        coefficients, ``sigma2 = e'e/(N - k)`` and the unadjusted and robust covariances carry ``1/(N - k)``
        in place of ``1/(n T)``, as in a regression with dummies. The clustered covariance carries
        ``n/(n - 1) (n T - 1)/(n T - k - a)`` with a the absorbed effects that are not nested in units: one
        constant, and T - 1 where time effects are removed. Without `small_sample` the divisors are N for
        sigma2 and the unadjusted covariance, and there is no factor for the others.

        Parameters
        ----------
        method : {"s2sls", "gs2sls", "gmm"}, default "s2sls"
            Spatial two-stage least squares, the same with the moment estimate of lam and a filtered second
            round, or two-step GMM.
        covariance : {"unadjusted", "robust", "clustered"}, default "unadjusted"
            ``"clustered"`` by unit. In ``"gmm"`` it is also the kind of the weights of the second step.
        small_sample : bool, default True
            Whether divisors and factors of a small sample are applied, as above.
        moments : {"weighted", "unweighted"}, default "weighted"
            Weights of the moments of lam (see `iv_moments`), used by ``"gs2sls"``.

        Returns
        -------
        SpatialIVFit
            Estimates, covariance, first stage and tests.

        Raises
        ------
        ConfigError
            If an option is unknown, or ``gs2sls`` meets weights it cannot use.
        IdentificationError
            If the equation has nothing endogenous, too few instruments, columns that are absorbed or
            collinear (named), or fewer observations or clusters than moments.
        ConvergenceError
            If the moment estimate of lam lies at the edge of its interval.
        """
        for word, allowed, what in (
            (method, METHODS, "method"),
            (covariance, KINDS, "covariance"),
            (moments, WEIGHTINGS, "weighting of the moments"),
        ):
            check_known(word, allowed, what)
        sample = _sample(self)
        counts = self._counts(sample)
        process = None
        if method == "gs2sls":
            sample, process = _filtered(self, sample, moments)
        equation = sample.equation(covariance)
        two_stage = equation.two_stage()
        efficient = _efficient(equation, counts, self.design.n, method)
        estimate = efficient if method == "gmm" else two_stage
        scale = _scale(covariance, counts, self, small_sample)
        tests = _tests(sample, equation, two_stage, efficient, counts)
        return _assemble(
            self, sample, estimate, counts, scale, tests, process, (method, covariance, small_sample)
        )

    def _counts(self, sample: Sample) -> Counts:
        d = self.design
        sizes = (len(sample.exogenous), len(sample.endogenous), len(sample.instruments))
        counts = Counts(d.n, d.n * d.T, degrees_of_freedom(self.effects, d.n, d.T), *sizes)
        if counts.first_stage <= 0:
            raise IdentificationError(
                "Fewer effective observations than exogenous regressors and instruments.",
                expected=f"more than {sizes[0] + sizes[2]} observations without {self.effects} effects",
                found=f"{counts.free} effective observations ({d.n} units, {d.T} periods)",
                remedy="use fewer regressors, lower orders of spatial lags or more periods",
            )
        return counts


def _sample(model: SpatialIV) -> Sample:
    """Build, transform and check the columns of the equation."""
    design = model.design
    raw = _raw_sample(model)
    if not len(raw.endogenous):
        raise IdentificationError(
            "The equation has no endogenous variable.",
            remedy="name endogenous regressors, or estimate it by OLS or SLX",
        )
    sample = raw.map(lambda values: within(values, model.effects))
    raw, sample = _without_redundant(model, raw, sample)
    parts = zip(
        (raw.outcome, raw.exogenous, raw.endogenous, raw.instruments),
        (sample.outcome, sample.exogenous, sample.endogenous, sample.instruments),
        strict=True,
    )
    absorbed = [name for before, after in parts for name in _absorbed(before, after)]
    if absorbed:
        raise IdentificationError(
            f"Variables are absorbed by the {model.effects} effects.",
            expected=f"variables of {design.outcome!r}'s equation that vary once the effects are removed",
            found=offenders(absorbed),
            remedy="leave them out, or interact them with something that varies",
        )
    check_identified(sample.exogenous, sample.endogenous, sample.instruments)
    return sample


def _without_redundant(model: SpatialIV, raw: Sample, sample: Sample) -> tuple[Sample, Sample]:
    """Leave out the spatial lags among the instruments that hold nothing new to the columns before them.

    The spatial lag of a variable that is the same for all units is that variable, where rows of W sum to one.
    Instruments that the user names are not left out.
    """
    own = sample.instruments
    absorbed = set(_absorbed(raw.instruments, own))
    given = np.concatenate([sample.exogenous.stacked, own.stacked], axis=1)
    repeated = {*absorbed, *collinear_columns(given, (*sample.exogenous.names, *own.names))}
    dropped = tuple(name for name in own.names if name in repeated and name not in model.instruments)
    if not dropped:
        return raw, sample
    kept = [j for j, name in enumerate(own.names) if name not in dropped]
    names = tuple(own.names[j] for j in kept)
    parts = [replace(s, instruments=Columns(names, s.instruments.values[:, :, kept])) for s in (raw, sample)]
    return parts[0], replace(parts[1], dropped=dropped)


def _raw_sample(model: SpatialIV) -> Sample:
    design = model.design
    column = {name: design.x[:, :, j] for j, name in enumerate(design.regressors)}
    endogenous = {name: column[name] for name in model.endogenous}
    exogenous = {name: column[name] for name in model.regressors if name not in endogenous}
    instruments = {name: column[name] for name in model.instruments}
    lagged = {f"W_{z}": _lag(design.lags, column[z]) for z in design.durbin}
    in_equation = {f"W_{z}" for z in design.durbin if z not in model.endogenous}
    powers = {name: x for name, x in exogenous.items() if name != INTERCEPT} if model.lag else {}
    powers |= instruments if model.lag_instruments else {}
    excluded = dict(instruments)
    for order in range(1, model.orders + 1):
        powers = {name: _lag(design.lags, x) for name, x in powers.items()}
        prefix = "W" if order == 1 else f"W{order}"
        excluded |= {f"{prefix}_{name}": x for name, x in powers.items()}
    lag = {LAG: _lag(design.lags, design.y)} if model.lag else {}
    return Sample(
        _columns({design.outcome: design.y}, design),
        _columns({**exogenous, **{k: v for k, v in lagged.items() if k in in_equation}}, design),
        _columns({**lag, **endogenous, **{k: v for k, v in lagged.items() if k not in in_equation}}, design),
        _columns({k: v for k, v in excluded.items() if k not in in_equation}, design),
    )


def _lag(lags: Lags | None, values: NDArray) -> NDArray[np.float64]:
    assert lags is not None
    return lags.lag(values)


def _columns(named: dict[str, NDArray], design: Design) -> Columns:
    empty = np.zeros((design.T, design.n, 0))
    values = np.stack(list(named.values()), axis=2) if named else empty
    return Columns(tuple(named), values)


def _absorbed(before: Columns, after: Columns) -> list[str]:
    sizes = [np.sqrt((c.values * c.values).sum(axis=(0, 1))) for c in (before, after)]
    return [
        name
        for name, b, a in zip(before.names, *sizes, strict=True)
        if name != INTERCEPT and a <= ABSORBED * b
    ]


def _filtered(model: SpatialIV, sample: Sample, moments: str) -> tuple[Sample, ErrorProcess]:
    """Estimate the error process from S2SLS residuals and filter all but the excluded instruments.

    The filtered exogenous columns ``X - lam W X`` and the excluded instruments span the same space as before.
    """
    design = model.design
    error = design.error_lags
    _check_error_weights(error, model.effects)
    assert error is not None
    weights = error.at(0)
    first = sample.equation("unadjusted").two_stage()
    residuals = first.resids.to_numpy().reshape(design.T, design.n)
    process = estimate_error_process(
        residuals, weights, model.effects, log_determinant(weights).interval, weighting=moments
    )
    return (
        sample.map(
            lambda values: values - process.lam * within(weights.lag(values), model.effects),
            instruments=False,
        ),
        process,
    )


def _efficient(equation: Equation, counts: Counts, clusters: int, method: str) -> Any:
    """Return the two-step GMM estimate where it is asked for or gives Hansen's J, else None."""
    number = counts.exogenous + counts.instruments
    enough = equation.kind != "clustered" or clusters > number
    if enough and (method == "gmm" or equation.kind != "unadjusted"):
        return equation.gmm()
    if method == "gmm":
        raise IdentificationError(
            "The weights of the second step are singular: there are not more clusters than moments.",
            expected=f"more than {number} units",
            found=f"{clusters} units",
            remedy="use covariance='robust', method='s2sls', or orders=1",
        )
    return None


def _tests(
    sample: Sample, equation: Equation, two_stage: Any, efficient: Any, counts: Counts
) -> dict[str, list[dict[str, Any]]]:
    parts = (sample.endogenous.stacked, sample.exogenous.stacked, sample.instruments.stacked)
    conditional = conditional_f(*parts, counts)
    over = [sargan(two_stage, counts)]
    if efficient is not None and equation.kind != "unadjusted":
        over.append(hansen(efficient, counts))
    return {
        "first_stage": first_stage(two_stage, counts, conditional, equation.kind),
        "overidentification": [record for record in over if record is not None],
        "endogeneity": endogeneity(equation, two_stage, counts),
    }


def _scale(kind: str, counts: Counts, model: SpatialIV, small_sample: bool) -> float:
    """Return the factor that turns linearmodels' covariance into that of `SpatialIV.fit`."""
    rows = counts.rows
    if kind == "unadjusted":
        return rows / (counts.residual if small_sample else counts.free)
    if not small_sample:
        return 1.0
    if kind == "robust":
        return rows / counts.residual
    units, k = model.design.n, counts.exogenous + counts.endogenous
    absorbed = {"pooled": 0, "individual": 1}.get(model.effects, model.design.T)
    return units / (units - 1) * (rows - 1) / (rows - k - absorbed)


def _assemble(
    model: SpatialIV,
    sample: Sample,
    estimate: Any,
    counts: Counts,
    scale: float,
    tests: dict[str, list[dict[str, Any]]],
    process: ErrorProcess | None,
    options: tuple[str, str, bool],
) -> SpatialIVFit:
    design, names = model.design, list(model.names)
    residuals = estimate.resids.to_numpy().reshape(design.T, design.n).astype(np.float64)
    check_not_exact(residuals, sample.outcome.values, design.y)
    divisor = counts.residual if options[2] else counts.free
    values = estimate.params[names].to_numpy(dtype=np.float64)
    interval = _interval(design) if model.lag else None
    notes = _notes(model, counts, tests, process, options, float(values[-1]), interval)
    if sample.dropped:
        repeats = (
            f"Spatial lags that repeat other columns are no instruments: {offenders(sample.dropped, 12)}."
        )
        notes = (*notes, repeats)
    return SpatialIVFit(
        method=options[0],
        outcome=design.outcome,
        regressors=model.regressors,
        durbin=design.durbin,
        endogenous=model.endogenous_names,
        instruments=sample.instruments.names,
        effects_structure=model.effects,
        names=tuple(names),
        values=values,
        covariance_matrix=scale * estimate.cov.loc[names, names].to_numpy(dtype=np.float64),
        covariance_kind=options[1],
        small_sample=options[2],
        sigma2=float((residuals**2).sum()) / divisor,
        lam=process.lam if process else None,
        n=design.n,
        T=design.T,
        n_effective=counts.free,
        df_residual=counts.residual,
        rho_interval=interval,
        first_stage_records=tuple(tests["first_stage"]),
        overidentification_records=tuple(tests["overidentification"]),
        endogeneity_records=tuple(tests["endogeneity"]),
        notes=notes,
        units=design.units,
        periods=design.periods,
        residual_values=residuals,
        lags=design.lags,
    )


def _interval(design: Design) -> tuple[float, float]:
    assert design.lags is not None
    intervals = [log_determinant(w).interval for w, _ in design.lags.distinct(design.T)]
    return max(low for low, _ in intervals), min(high for _, high in intervals)


def _notes(
    model: SpatialIV,
    counts: Counts,
    tests: dict[str, list[dict[str, Any]]],
    process: ErrorProcess | None,
    options: tuple[str, str, bool],
    rho: float,
    interval: tuple[float, float] | None,
) -> tuple[str, ...]:
    _, kind, _ = options
    weak = [
        f"{r['variable']} ({min(r['f'], r['conditional_f']):.2f})" for r in tests["first_stage"] if r["weak"]
    ]
    just = counts.instruments == counts.endogenous
    no_hansen = kind == "clustered" and not just and len(tests["overidentification"]) == 1
    outside = interval is not None and not interval[0] < rho < interval[1]
    candidates = (
        (weak, f"Weak instruments: a first-stage F below 10 for {offenders(weak, 12)}."),
        (outside, f"rho lies outside its admissible interval {interval}: it has no effects."),
        (just, "The equation is just identified: its restrictions cannot be tested."),
        (no_hansen, "Hansen's J is not defined: there are not more units than moments."),
        (
            kind == "robust" and model.effects in ("individual", "twoways"),
            "The robust covariance is inconsistent for fixed T once individual effects are removed "
            "(Stock and Watson 2008); the clustered one is consistent.",
        ),
        (
            kind == "clustered" and model.design.n < FEW_CLUSTERS,
            f"{model.design.n} clusters: clustered errors are unreliable below {FEW_CLUSTERS}.",
        ),
        (
            process is not None,
            "lam is estimated by moments that take the innovations as homoskedastic; it has no standard "
            "error, and its estimation does not change the limiting distribution of the coefficients.",
        ),
    )
    return tuple(text for applies, text in candidates if applies)


def _check_single_names(lists: dict[str, Sequence[str]]) -> None:
    for name, given in lists.items():
        if isinstance(given, str):
            raise ConfigError(f"{name} is a list of names.", found=repr(given), remedy=f"[{given!r}]")


def _check_are_regressors(name: str, given: tuple[str, ...], regressors: tuple[str, ...]) -> None:
    unknown = [variable for variable in given if variable not in regressors]
    if unknown:
        raise ConfigError(
            f"{name} names a variable that is not among the regressors.",
            expected=f"{name}: a subset of {offenders(regressors, 12)}",
            found=offenders(unknown),
            remedy=did_you_mean(unknown[0], regressors) or "add it to the regressors",
        )


def _check_lags(weights: Any, needed: bool, orders: int) -> None:
    if needed and weights is None:
        raise WeightsError("Spatial lags need spatial weights.", found="weights=None")
    whole_number(orders, "orders", least=1)


def _check_error_weights(error: Lags | None, effects: str) -> None:
    if error is None:
        raise WeightsError("A spatial error process needs spatial weights.", found="weights=None")
    if not error.is_constant:
        raise ConfigError(
            "The moments of the error process need error weights that are the same in every period.",
            expected="one matrix of error weights",
            found="a list of weights, one per period",
            remedy="give error_weights=, or use method='s2sls'",
        )
    check_kept_dummies(error, effects, "method='s2sls'")
