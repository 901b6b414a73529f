"""Results: labelled views of the numbers, effects, text, and a JSON form that restores them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, offenders
from shuyi.spatialpanel import effects as effects_module
from shuyi.spatialpanel import prediction
from shuyi.spatialpanel.conditional import interaction_coefficients, unit_spillover
from shuyi.spatialpanel.design import Design, Lags
from shuyi.spatialpanel.effects import Coefficients, Effects, Replicates, Spillover
from shuyi.spatialpanel.likelihood import LikelihoodProblem, Point
from shuyi.spatialpanel.side_by_side import FitComparison, compare
from shuyi.spatialpanel.stability import check_stable_effects, dynamic_effects
from shuyi.spatialpanel.text import summary
from shuyi.spatialpanel.transforms import FIXED_EFFECTS
from shuyi.spatialpanel.views import LikelihoodFitViews, weights_text
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


FORMAT = 1
"""Version of the dictionary form."""


@dataclass(frozen=True, eq=False)
class Fit(LikelihoodFitViews):
    """Estimates of one model.

    Numbers are arrays; `params`, `std_errors`, `cov`, `residuals` and the like are pandas views that are made
    when first asked for.

    Attributes
    ----------
    model : str
        ``"ols"``, ``"slx"``, ``"sar"``, ``"sem"``, ``"sdm"``, ``"sdem"``, ``"sac"`` or ``"gns"``.
    outcome : str
        Name of the dependent variable.
    regressors, durbin : tuple of str
        Regressors (with the intercept of a pooled model) and those of them that are spatially lagged.
    effects_structure : str
        Which effects were removed.
    convention : str
        Key of the correction that was applied (``"none"`` without effects, ``"random"`` and the like with
        random ones); `convention_note` is the sentence that is printed for it.
    names : tuple of str, length p
        Coefficients, ``W_`` coefficients, rho, lam, sigma2.
    values : ndarray, shape (p,)
        Estimates, in the order of `names`.
    covariance_matrix : ndarray, shape (p, p)
        Covariance of the estimates, in the order of `names`.
    covariance_kind : str
        Kind of covariance.
    loglik : float
        With its constants, on the effective observations of the convention.
    n, T, n_effective : int
        Units, periods, and observations that the likelihood counts.
    intervals : mapping of str to (float, float)
        Admissible interval of rho and lam.
    units : tuple
        Labels of the units.
    periods : tuple
        Years or other periods, increasing.
    convergence : mapping, default empty
        Record of the search.
    logdet : mapping, default empty
        Method of the log-determinant and the bound of its error.
    notes : tuple of str, default empty
        What a reader of a table must know about this fit.
    residual_values, outcome_values : ndarray, shape (T, n), or None
        Innovations e (transformed as the effects say), and the outcome.
    lags : Lags, optional
        Weights of the spatial lags; a fit that was read back has none until `with_weights`.
    problem : LikelihoodProblem, optional
        Transformed data; None in a fit that was read back.
    stored_weights_info : mapping, optional
        `weights_info` of a fit that was read back.
    clusters : int
        Clusters of a clustered covariance; zero where each unit is one.

    Examples
    --------
    >>> from shuyi.spatialpanel import SDM, Fit
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SDM(panel, weights, outcome="y", regressors=["x1"]).fit()
    >>> isinstance(fit, Fit), fit.n, fit.T, fit.n_effective
    (True, 16, 6, 75)
    >>> fit.to_frame().index.tolist()
    ['x1', 'W_x1', 'rho', 'sigma2']
    >>> Fit.from_dict(fit.to_dict(), weights).loglik == fit.loglik
    True
    """

    model: str
    outcome: str
    regressors: tuple[str, ...]
    durbin: tuple[str, ...]
    effects_structure: str
    convention: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance_matrix: NDArray[np.float64]
    covariance_kind: str
    loglik: float
    n: int
    T: int
    n_effective: int
    intervals: Mapping[str, tuple[float, float]]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    convergence: Mapping[str, Any] = field(default_factory=dict)
    logdet: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    residual_values: NDArray[np.float64] | None = None
    outcome_values: NDArray[np.float64] | None = None
    lags: Lags | None = None
    problem: LikelihoodProblem | None = None
    stored_weights_info: Mapping[str, Any] | None = None
    clusters: int = 0

    def __repr__(self) -> str:
        return (
            f"<Fit {self.model} of {self.outcome!r}, {self.effects_structure} effects ({self.convention}), "
            f"n = {self.n}, T = {self.T}, log-likelihood {self.loglik:.4f}>"
        )

    def __str__(self) -> str:
        return self.summary()

    @property
    def rho_interval(self) -> tuple[float, float] | None:
        """Admissible interval of rho, or None where the model has no rho."""
        return self.intervals.get("rho")

    @property
    def lam_interval(self) -> tuple[float, float] | None:
        """Admissible interval of lam, or None where the model has no lam."""
        return self.intervals.get("lam")

    @cached_property
    def weights_info(self) -> Mapping[str, Any]:
        """Kind, normalisation, size and digest of the weights of the lags and of the error process."""
        if self.stored_weights_info is not None:
            return self.stored_weights_info
        error = self.problem.design.error_lags if self.problem else None
        used = {"lag": self.lags, "error": error}
        return {name: describe_weights(lags) for name, lags in used.items() if lags is not None}

    @property
    def n_parameters(self) -> int:
        """Number of estimated parameters, sigma2 included, fixed effects not."""
        return len(self.names)

    @cached_property
    def fitted(self) -> pd.Series:
        """Outcome less innovations, indexed by (unit, period): conditional on W y and the fixed effects."""
        y = self._need(self.outcome_values, "outcome")
        return self._panel_series(y - self._need(self.residual_values, "residuals"), "fitted")

    def effects(
        self,
        draws: int = 1000,
        seed: int = 1,
        level: float = 0.95,
        horizon: str = "short",
        df: float | None = None,
        bootstrap: Replicates | None = None,
        units: str | Sequence[str] | None = None,
        role: str = "receiving",
    ) -> Effects:
        """Return direct, indirect and total effects with simulated and delta-method errors.

        Parameters
        ----------
        draws : int, default 1000
            Draws from N(estimate, covariance); zero for delta-method errors alone.
        seed : int, default 1
            Seed of the random draws.
        level : float, default 0.95
            Confidence level of the intervals.
        horizon : {"short", "long"}, default "short"
            Response in the same period, or to a lasting change once all adjustment is over; they differ for
            dynamic models alone (see `stability.dynamic_effects`).
        df : float, optional
            Degrees of freedom that intervals and p-values refer to (``math.inf``: the normal distribution).
            By default n - 1 (or the number of clusters less one), with which intervals of direct and indirect
            effects keep their level in small panels (simulation table in docs/which_rho.md).
        bootstrap : Bootstrap, optional
            Replicates of `resampling.bootstrap`, whose errors and percentile intervals replace those of
            normal draws; ``draws``, ``seed`` and the default of ``df`` then do not matter.
        units : str or sequence of str, optional
            Average over these units only.
        role : {"receiving", "sending"}, default "receiving"
            Whether `units` respond to a change in all units, or all units respond to a change in one of them.

        Returns
        -------
        Effects
            Direct, indirect and total effect of each regressor.

        Raises
        ------
        DataError
            If the fit was read back and has no weights yet.
        ConvergenceError
            If the estimate or hardly any draw is admissible.
        ConfigError
            If a static model is asked for another horizon than ``"short"``, a unit or role is unknown, or a
            dynamic model is asked for units or a bootstrap.
        """
        if self.is_dynamic:
            if bootstrap is not None or units is not None:
                raise ConfigError(
                    "Effects of some units and bootstrapped effects are those of static models.",
                    found=f"a dynamic {self.model.upper()}",
                )
            reference = self.n - 1 if df is None else df
            return dynamic_effects(self, horizon, draws=draws, seed=seed, level=level, df=reference)
        if horizon != "short":
            raise ConfigError(
                "A static model has one horizon.", expected="horizon='short'", found=f"horizon={horizon!r}"
            )
        spillover = self.spillover
        if units is not None:
            spillover = unit_spillover(spillover, units, self.units, role)
        _, pick = effects_module.selection(self.names, self.regressors, self.durbin)
        return self._computed(self._coefficients, pick, spillover, (draws, seed, level, df), bootstrap)

    def interaction_effects(
        self,
        term: str,
        moderator: str,
        values: Sequence[float],
        product: str | None = None,
        *,
        draws: int = 1000,
        seed: int = 1,
        level: float = 0.95,
        df: float | None = None,
        bootstrap: Replicates | None = None,
    ) -> Effects:
        """Return the effects of one term at values m of a moderator, the same m in every unit.

        They are those of ``b + m b_product`` and ``th + m th_product``.

        Parameters
        ----------
        term : str
            Name of a regressor.
        moderator : str
            Name of the variable that the effect depends on.
        values : sequence of float
            Values of the moderator.
        product : str, optional
            The regressor that holds ``term * moderator``; ``"term:moderator"`` by default.
        draws : int, default 1000
            Draws from N(estimate, covariance); zero for delta-method errors alone.
        seed : int, default 1
            Seed of the draws.
        level : float, default 0.95
            Level of the intervals, in (0, 1).
        df : float, optional
            Degrees of freedom that intervals and p-values refer to, by default n - 1.
        bootstrap : Bootstrap, optional
            Replicates whose errors and percentile intervals replace those of normal draws.

        Returns
        -------
        Effects
            One term per value.

        Raises
        ------
        ConfigError
            If term or product is no regressor, or the model is dynamic.
        """
        if self.is_dynamic:
            raise ConfigError("Interaction effects are those of static models.", found="a dynamic model")
        pick, labels = interaction_coefficients(self.names, self.regressors, term, moderator, values, product)
        at = effects_module.selected(labels, pick, self.values, self.covariance_matrix)
        return self._computed(at, pick, self.spillover, (draws, seed, level, df), bootstrap)

    def _computed(
        self,
        at: Coefficients,
        pick: NDArray,
        spillover: Spillover,
        options: tuple[int, int, float, float | None],
        bootstrap: Replicates | None,
    ) -> Effects:
        draws, seed, level, df = options
        drawn = None if bootstrap is None else (bootstrap.sample @ pick.T, bootstrap.share_redrawn)
        usual = (self.clusters or self.n) - 1 if bootstrap is None else inf
        return effects_module.compute_effects(
            at,
            spillover,
            has_rho="rho" in self.names,
            draws=draws,
            seed=seed if bootstrap is None else bootstrap.seed,
            level=level,
            drawn=drawn,
            df=usual if df is None else df,
        )

    def fixed_effects(self) -> pd.DataFrame:
        """Return the recovered fixed effects: of ``y - rho W y - X b - W Z th``, not of ``y - X b``.

        Returns
        -------
        DataFrame
            Columns kind (``"intercept"``, ``"individual"``, ``"time"``), label, estimate, std_error, z,
            p_value. The effects of each kind sum to zero; the intercept is the mean of the individual
            effects, or of the time effects where there are no others. See `prediction.recover` for the
            errors.

        Raises
        ------
        ConfigError
            If the model is pooled, random or dynamic.
        DataError
            If the fit was read back.
        """
        problem, point = static_point(self)
        return prediction.fixed_effects_frame(problem, point, self.covariance_matrix)

    @cached_property
    def fitted_reduced_form(self) -> pd.Series:
        """Reduced form ``(I - rho W)^{-1}(X b + W Z th + effects)`` by (unit, period): W y is not given."""
        return self._panel_series(prediction.reduced_form(*static_point(self)), "fitted_reduced_form")

    def r_squared(self) -> pd.DataFrame:
        """Return measures of fit by name, with value and definition (see `prediction.R_SQUARED`).

        Returns
        -------
        DataFrame
            Columns value and definition.

        Raises
        ------
        DataError
            If the fit was read back.
        ConfigError
            If the model is random or dynamic.
        """
        return prediction.r_squared(*static_point(self), self._need(self.residual_values, "residuals"))

    def predict(
        self, data: Any, new_periods: str = "mean", weights: Mapping[int, Any] | None = None
    ) -> pd.Series:
        """Return the reduced form ``(I - rho W)^{-1}(X b + W Z th + effects)`` at new regressors.

        Parameters
        ----------
        data : Panel or DataFrame indexed by (unit, period)
            Regressors of all units of the fit, in any order; periods in the sample or not.
        new_periods : {"mean", "last"}
            Time effect of a period outside the sample: the mean of the sample's (zero, as they sum to zero),
            or that of the last period. Periods of the sample have their own.
        weights : mapping of int to weights, optional
            Weights of periods, needed for new periods where the model's weights vary.

        Returns
        -------
        Series
            Indexed by (unit, period). The innovations of a spatial error process are predicted as zero.

        Raises
        ------
        AlignmentError
            If the units are others than the fit's.
        ConfigError, DataError
            If the rule is unknown, regressors or weights are missing, or the fit is not static.
        """
        return prediction.predict(*static_point(self), data, new_periods, weights)

    def partition(self, orders: int = 4, draws: int = 1000, seed: int = 1) -> pd.DataFrame:
        """Return the effects by order of neighbourhood, W^0 to W^orders (see `effects.partition`).

        Parameters
        ----------
        orders : int, default 4
            Highest power of W.
        draws, seed : int
            Draws from N(estimate, covariance); zero for none.

        Returns
        -------
        DataFrame
            Columns order, term, component, estimate, std_error (simulated; NaN without draws).

        Raises
        ------
        DataError
            If the fit was read back and has no weights yet.
        """
        import pandas as pd

        rows = effects_module.partition(self._coefficients, self.spillover, orders, draws, seed)
        return pd.DataFrame(rows)

    def effect_matrix(self, term: str, period: int | None = None) -> pd.DataFrame:
        """Return the unit-by-unit effects of one term: the row's response to a change in the column.

        Parameters
        ----------
        term : str
            Name of a regressor.
        period : int, optional
            Needed where weights vary by period.

        Returns
        -------
        DataFrame
            Shape (n, n), in the unit of the outcome per unit of the regressor.

        Raises
        ------
        ConfigError
            If the model has no such term, or the period is missing or unknown.
        DataError
            If the model has no spatial terms, or the fit was read back and has no weights yet.
        WeightsError
            If there are more than `weights.DENSE_LIMIT` units.
        """
        import pandas as pd

        matrix = effects_module.effect_matrix(self._checked(term), term, self._weights_of(period))
        return pd.DataFrame(matrix, index=list(self.units), columns=list(self.units))

    def ledger(
        self, term: str, draws: int = 1000, seed: int = 1, level: float = 0.95, period: int | None = None
    ) -> pd.DataFrame:
        """Return what each unit gives, receives and nets, with simulated errors and intervals.

        Parameters
        ----------
        term : str
            Name of a regressor.
        draws, seed : int
            Draws from N(estimate, covariance); each costs one n x n inverse.
        level : float, default 0.95
            Confidence level of the intervals, percentiles of the draws.
        period : int, optional
            Needed where weights vary by period.

        Returns
        -------
        DataFrame
            Columns unit, then for each of given, received and net the estimate, ``_std_error``, ``_low`` and
            ``_high``. Given is the column sum and received the row sum of the effect matrix without its
            diagonal.

        Raises
        ------
        ConfigError, DataError, WeightsError
            As `effect_matrix`.
        """
        import pandas as pd

        interval = self.rho_interval
        found = effects_module.ledger(
            self._checked(term), term, self._weights_of(period), interval, draws, seed, level
        )
        columns: dict[str, Any] = {"unit": list(self.units)}
        for j, name in enumerate(("given", "received", "net")):
            columns[name] = found.estimate[:, j]
            columns[f"{name}_std_error"] = found.std_error[:, j]
            columns[f"{name}_low"], columns[f"{name}_high"] = found.interval[:, j, 0], found.interval[:, j, 1]
        return pd.DataFrame(columns)

    def with_weights(self, weights: Any) -> Fit:
        """Return a fit that was read back together with its weights, so that effects can be computed.

        Parameters
        ----------
        weights : Weights or anything that `Weights.coerce` accepts, or a list of T of them
            Spatial weights of the estimate.

        Returns
        -------
        Fit
            The same estimates, with weights.

        Raises
        ------
        AlignmentError
            If the weights name other units.
        DataError
            If the weights are not those the model was estimated with (by digest).
        """
        return replace(self, lags=recorded_lags(weights, self.units, self.weights_info.get("lag")))

    def to_latex(self) -> str:
        """Return the estimates as a LaTeX table (see `side_by_side.compare` for options).

        Returns
        -------
        str
            The environment.
        """
        return self._alone().to_latex()

    def to_html(self) -> str:
        """Return the estimates as an HTML page.

        Returns
        -------
        str
            The whole page.
        """
        return self._alone().to_html()

    def to_docx(self) -> bytes:
        """Return the estimates as a Word document.

        Returns
        -------
        bytes
            A .docx file.
        """
        return self._alone().to_docx()

    def _alone(self) -> FitComparison:
        return compare({self.model.upper(): self})

    def summary(self) -> str:
        """Return the estimates as text.

        Returns
        -------
        str
            Title, header, coefficient table and notes.
        """
        return summary(self)

    def to_dict(self, *, arrays: bool = True) -> dict[str, Any]:
        """Return the fit as plain Python values in full precision, ready for JSON.

        Parameters
        ----------
        arrays : bool, default True
            Whether residuals and outcome are included.

        Returns
        -------
        dict
            Payload of `from_dict`.
        """
        payload = {
            "format": FORMAT,
            **{name: getattr(self, name) for name in _PLAIN},
            **{name: list(getattr(self, name)) for name in _SEQUENCES},
            "clusters": self.clusters,
            "values": self.values.tolist(),
            "covariance_matrix": self.covariance_matrix.tolist(),
            "intervals": {name: list(bounds) for name, bounds in self.intervals.items()},
            **{name: dict(getattr(self, name)) for name in ("convergence", "logdet", "weights_info")},
        }
        for name in ("residual_values", "outcome_values"):
            value = getattr(self, name)
            payload[name] = value.tolist() if arrays and value is not None else None
        return payload

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any], weights: Any = None) -> Fit:
        """Restore a fit from `to_dict`, with its weights if effects are wanted.

        Parameters
        ----------
        payload : mapping
            What `to_dict` returned.
        weights : Weights or anything that `Weights.coerce` accepts, optional
            Spatial weights of the estimate; needed for effects alone.

        Returns
        -------
        Fit
            The fit, in full precision, without its transformed data.

        Raises
        ------
        DataError
            If the payload has another format.
        AlignmentError
            If the weights name other units.
        """
        if payload.get("format") != FORMAT:
            raise DataError(
                "This is not a fit in a known format.",
                expected=f"format {FORMAT}",
                found=repr(payload.get("format")),
                remedy="estimate the model again",
            )
        values: dict[str, Any] = {name: payload[name] for name in _PLAIN}
        values.update({name: tuple(payload[name]) for name in _SEQUENCES})
        for name in ("values", "covariance_matrix", "residual_values", "outcome_values"):
            values[name] = None if payload[name] is None else np.array(payload[name], dtype=np.float64)
        values["intervals"] = {name: (low, high) for name, (low, high) in payload["intervals"].items()}
        values.update({name: dict(payload[name]) for name in ("convergence", "logdet")})
        values["stored_weights_info"] = dict(payload["weights_info"])
        values["clusters"] = int(payload.get("clusters", 0))
        fit = cls(**values)
        return fit if weights is None else fit.with_weights(weights)

    def __maketables_stat__(self, key: str) -> Any:
        """Return a statistic by its maketables key, or None."""
        known = {
            "N": self.n * self.T,
            "n_units": self.n,
            "n_periods": self.T,
            "n_effective": self.n_effective,
            "ll": self.loglik,
            "aic": self.aic,
            "bic": self.bic,
            "se_type": self.covariance_kind,
            "convention": self.convention,
            "effects": self.effects_structure,
        }
        return known.get(key)

    @property
    def __maketables_vcov_info__(self) -> dict[str, Any]:
        """Kind of the covariance."""
        return {"vcov_type": self.covariance_kind, "clustervar": None}

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        """Labels of the statistics that maketables does not know."""
        return {
            "n_units": "Units",
            "n_periods": "Periods",
            "n_effective": "Effective observations",
            "convention": "Convention",
            "effects": "Effects",
        }

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """Statistics that a table shows by default."""
        return ["N", "n_effective", "ll", "convention"]

    @cached_property
    def _coefficients(self) -> Coefficients:
        if self.convergence.get("stable") is False:
            check_stable_effects(float(self.convergence["spectral_radius"]))
        return effects_module.coefficients(
            self.names, self.regressors, self.durbin, self.values, self.covariance_matrix
        )

    def _weights_text(self) -> str:
        return weights_text(self.weights_info)

    def _checked(self, term: str) -> Coefficients:
        terms = self._coefficients.terms
        if term not in terms:
            raise ConfigError(
                f"The model has no regressor {term!r}.", expected=f"one of {offenders(terms, 12)}"
            )
        return self._coefficients


def static_point(fit: Fit) -> tuple[LikelihoodProblem, Point]:
    """Return problem and point of a static model with fixed or no effects.

    Parameters
    ----------
    fit : Fit
        Estimates of a model.

    Returns
    -------
    (LikelihoodProblem, Point)
        Transformed data and estimate.

    Raises
    ------
    DataError
        If the fit was read back without its data.
    ConfigError
        If the effects are random or the model is dynamic.
    """
    if fit.problem is None:
        raise DataError(
            "This needs the data of the model, and this fit was read back without them.",
            remedy="estimate the model again",
        )
    if fit.effects_structure not in FIXED_EFFECTS or "tau" in fit.names or "eta" in fit.names:
        raise ConfigError(
            "This is defined for static models with fixed effects or none.",
            expected=f"effects: one of {', '.join(FIXED_EFFECTS)}, without lags in time",
            found=f"effects={fit.effects_structure!r}, parameters {offenders(fit.names, 12)}",
        )
    return fit.problem, Point.from_vector(fit.values, fit.problem.spatial)


_PLAIN = (
    "model",
    "outcome",
    "effects_structure",
    "convention",
    "covariance_kind",
    "loglik",
    "n",
    "T",
    "n_effective",
)
_SEQUENCES = ("regressors", "durbin", "names", "units", "periods", "notes")


def describe_weights(lags: Lags) -> dict[str, Any]:
    """Return kind, normalisation, size and SHA-256 digest of the weights of a model.

    Parameters
    ----------
    lags : Lags
        Weights by period.

    Returns
    -------
    dict
        Keys kind, normalisation, n and sha256 among others.
    """
    from hashlib import sha256

    digest = sha256()
    for w in lags.by_period:
        sparse = w.to_sparse()
        sparse.sort_indices()
        for array, kind in ((sparse.indptr, "<i8"), (sparse.indices, "<i8"), (sparse.data, "<f8")):
            digest.update(np.ascontiguousarray(array, dtype=kind).tobytes())
        digest.update("\n".join(w.labels).encode())
    first = lags.by_period[0]
    return {
        "kind": first.kind,
        "normalisation": first.normalisation,
        "n": first.n,
        "matrices": len(lags.by_period),
        "sha256": digest.hexdigest(),
    }


def recorded_lags(weights: Any, units: tuple[str, ...], known: Mapping[str, Any] | None) -> Lags:
    """Return weights as the lags of a model that was read back.

    Parameters
    ----------
    weights : Weights, anything `Weights.coerce` accepts, or a list of T of them
        Spatial weights with the panel's units in the panel's order.
    units : tuple of str
        Units of the model.
    known : mapping or None
        What `describe_weights` said of the weights of the estimate.

    Returns
    -------
    Lags
        Weights by period.

    Raises
    ------
    AlignmentError
        If the weights name other units.
    DataError
        If the weights are not those of the estimate (by digest).
    """
    several = list(weights) if isinstance(weights, list | tuple) else [weights]
    lags = Lags(tuple(Weights.coerce(w) for w in several))
    for w in lags.by_period:
        check_aligned(units, w)
    found = describe_weights(lags)
    if known and found != known:
        raise DataError(
            "These are not the weights the model was estimated with.",
            expected=f"{known['kind']} weights with digest {known['sha256'][:12]}",
            found=f"digest {found['sha256'][:12]}",
        )
    return lags


def design_fields(design: Design) -> dict[str, Any]:
    """Return what a fit takes over from its design.

    Parameters
    ----------
    design : Design
        Data of the model, aligned and complete.

    Returns
    -------
    dict
        Value by field of `Fit`.
    """
    return {
        "outcome": design.outcome,
        "regressors": design.regressors,
        "durbin": design.durbin,
        "n": design.n,
        "T": design.T,
        "units": design.units,
        "periods": design.periods,
        "outcome_values": design.y,
        "lags": design.lags,
    }
