"""Result of an instrumental-variable estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError
from shuyi.spatialpanel import effects as effects_module
from shuyi.spatialpanel.design import Lags
from shuyi.spatialpanel.effects import Effects, Spillover, normal_p_value
from shuyi.spatialpanel.results import describe_weights, recorded_lags
from shuyi.spatialpanel.views import PanelFitViews, weights_text

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


FORMAT = 1
"""Version of the dictionary form."""

WIDTH = 78

METHOD_NOTES = {
    "s2sls": "spatial two-stage least squares",
    "gs2sls": "generalised spatial two-stage least squares, lam by moments",
    "gmm": "two-step efficient GMM",
}


@dataclass(frozen=True, eq=False)
class SpatialIVFit(PanelFitViews):
    """Estimates of a spatial equation with endogenous regressors.

    Attributes
    ----------
    method : {"s2sls", "gs2sls", "gmm"}
        How the equation was estimated.
    outcome : str
        Name of the dependent variable.
    regressors, durbin : tuple of str
        Names of the regressors, and of those whose spatial lags are included.
    endogenous, instruments : tuple of str
        Coefficients of the endogenous variables (``rho`` for W y), and excluded instruments.
    effects_structure : {"pooled", "individual", "time", "twoways"}
        Fixed effects that were removed.
    names : tuple of str, length p
        Regressors, their spatial lags, rho.
    values : ndarray, shape (p,)
        Estimates, in the order of `names`.
    covariance_matrix : ndarray, shape (p, p)
        Covariance of the estimates, in the order of `names`.
    covariance_kind : {"unadjusted", "robust", "clustered"}
        Kind of covariance.
    small_sample : bool
        Whether divisors and factors of a small sample are applied.
    sigma2 : float
        Of the innovations, over `df_residual` (or `n_effective` without the small-sample factor).
    lam : float or None
        Parameter of the error process, where ``gs2sls`` estimated it.
    n, T, n_effective, df_residual : int
        `n_effective` is the rank of the within projector, `df_residual` that less p.
    rho_interval : (float, float) or None
        Admissible interval of rho, where the equation has it.
    first_stage_records, overidentification_records, endogeneity_records : tuple of mapping
        Rows of `first_stage`, `overidentification` and `endogeneity`.
    notes : tuple of str
        What a reader of the estimates must know.
    units, periods : tuple
        Labels of the panel.
    residual_values : ndarray, shape (T, n),, optional
        Innovations, transformed as the effects say.
    lags : Lags, optional
        Spatial weights by period, for effects.
    stored_weights_info : mapping, optional
        `weights_info` of a fit that was read back.

    Examples
    --------
    >>> from shuyi.spatialpanel import SpatialIV, SpatialIVFit
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit = SpatialIV(panel, weights, outcome="y", regressors=["x1"], durbin="all").fit()
    >>> isinstance(fit, SpatialIVFit), fit.n_effective, fit.df_residual
    (True, 75, 72)
    """

    method: str
    outcome: str
    regressors: tuple[str, ...]
    durbin: tuple[str, ...]
    endogenous: tuple[str, ...]
    instruments: tuple[str, ...]
    effects_structure: str
    names: tuple[str, ...]
    values: NDArray[np.float64]
    covariance_matrix: NDArray[np.float64]
    covariance_kind: str
    small_sample: bool
    sigma2: float
    lam: float | None
    n: int
    T: int
    n_effective: int
    df_residual: int
    rho_interval: tuple[float, float] | None
    first_stage_records: tuple[Mapping[str, Any], ...]
    overidentification_records: tuple[Mapping[str, Any], ...]
    endogeneity_records: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...]
    units: tuple[str, ...]
    periods: tuple[int, ...]
    residual_values: NDArray[np.float64] | None = None
    lags: Lags | None = None
    stored_weights_info: Mapping[str, Any] | None = None

    def __repr__(self) -> str:
        return (
            f"<SpatialIVFit {self.method} of {self.outcome!r}, {self.effects_structure} effects, "
            f"{len(self.instruments)} instruments for {len(self.endogenous)}, n = {self.n}, T = {self.T}>"
        )

    def __str__(self) -> str:
        return self.summary()

    @cached_property
    def weights_info(self) -> Mapping[str, Any] | None:
        """Kind, normalisation, size and digest of the weights, or None where the equation has none."""
        if self.stored_weights_info is not None:
            return self.stored_weights_info
        return describe_weights(self.lags) if self.lags else None

    @property
    def first_stage(self) -> pd.DataFrame:
        """First stages, one row per endogenous variable (see `iv_diagnostics.first_stage`)."""
        return _table(self.first_stage_records)

    @property
    def overidentification(self) -> pd.DataFrame:
        """Sargan's test and, with a robust or clustered covariance, Hansen's J; empty if just identified."""
        return _table(self.overidentification_records)

    @property
    def endogeneity(self) -> pd.DataFrame:
        """Durbin-Wu-Hausman tests (see `iv_diagnostics.endogeneity`)."""
        return _table(self.endogeneity_records)

    def effects(
        self, draws: int = 1000, seed: int = 1, level: float = 0.95, df: float | None = None
    ) -> Effects:
        """Return direct, indirect and total effects with simulated and delta-method errors.

        Parameters
        ----------
        draws : see `Fit.effects`, default 1000
            Draws of the simulated errors.
        seed : see `Fit.effects`, default 1
            Seed of the draws.
        level : see `Fit.effects`, default 0.95
            Level of the intervals.
        df : float, optional
            Degrees of freedom that intervals and p-values refer to, by default n - 1 as in `Fit.effects`.

        Returns
        -------
        Effects
            Direct, indirect and total effect of each regressor.

        Raises
        ------
        DataError
            If the fit was read back and has no weights yet.
        ConvergenceError
            If rho is not admissible.
        """
        has_rho = "rho" in self.names
        if self.lags is None and (has_rho or self.durbin):
            raise DataError(
                "The effects need the weights, and this fit was read back without them.",
                remedy="call SpatialIVFit.from_dict(payload, weights)",
            )
        at = effects_module.coefficients(
            self.names, self.regressors, self.durbin, self.values, self.covariance_matrix
        )
        spillover = Spillover.of(self.lags, self.T)
        return effects_module.compute_effects(
            at,
            spillover,
            has_rho=has_rho,
            draws=draws,
            seed=seed,
            level=level,
            df=self.n - 1 if df is None else df,
        )

    def summary(self) -> str:
        """Return estimates and diagnostics as text.

        Returns
        -------
        str
            Lines of at most `WIDTH` characters where names are short.
        """
        rule = "=" * WIDTH
        lines = [f"{self.method.upper()} of {self.outcome}", rule, *_header(self), "-" * WIDTH]
        lines += [*_coefficients(self), "-" * WIDTH, *_diagnostics(self), rule, *self.notes]
        return "\n".join(lines)

    def to_dict(self, *, arrays: bool = True) -> dict[str, Any]:
        """Return the fit as plain Python values in full precision, ready for JSON.

        Parameters
        ----------
        arrays : bool, default True
            Whether residuals are included.

        Returns
        -------
        dict
            Payload of `from_dict`.
        """
        payload: dict[str, Any] = {"format": FORMAT, "estimator": "spatial_iv"}
        for name in _PLAIN:
            payload[name] = getattr(self, name)
        for name in _SEQUENCES:
            payload[name] = list(getattr(self, name))
        for name in _RECORDS:
            payload[name] = [dict(record) for record in getattr(self, name)]
        payload["values"] = self.values.tolist()
        payload["covariance_matrix"] = self.covariance_matrix.tolist()
        payload["rho_interval"] = list(self.rho_interval) if self.rho_interval else None
        payload["weights_info"] = dict(self.weights_info) if self.weights_info else None
        kept = arrays and self.residual_values is not None
        payload["residual_values"] = self.residual_values.tolist() if kept else None  # type: ignore[union-attr]
        return payload

    @classmethod
    def from_dict(cls, payload: Mapping[str, Any], weights: Any = None) -> SpatialIVFit:
        """Restore a fit from `to_dict`, with its weights if effects are wanted.

        Parameters
        ----------
        payload : mapping
            What `to_dict` returned.
        weights : Weights or anything that `Weights.coerce` accepts, optional
            Spatial weights of the estimate; needed for effects alone.

        Returns
        -------
        SpatialIVFit
            The fit, in full precision.

        Raises
        ------
        DataError
            If the payload has another format, or the weights are not those of the estimate.
        """
        if payload.get("format") != FORMAT or payload.get("estimator") != "spatial_iv":
            raise DataError(
                "This is not an instrumental-variable fit in a known format.",
                expected=f"format {FORMAT} of spatial_iv",
                found=f"{payload.get('format')!r} of {payload.get('estimator')!r}",
            )
        values: dict[str, Any] = {name: payload[name] for name in _PLAIN}
        values.update({name: tuple(payload[name]) for name in (*_SEQUENCES, *_RECORDS)})
        for name in ("values", "covariance_matrix", "residual_values"):
            values[name] = None if payload[name] is None else np.array(payload[name], dtype=np.float64)
        interval = payload["rho_interval"]
        values["rho_interval"] = (interval[0], interval[1]) if interval else None
        values["stored_weights_info"] = payload["weights_info"]
        fit = cls(**values)
        return fit if weights is None else fit.with_weights(weights)

    def _title(self) -> str:
        return self.method.upper()

    def _removed_by(self) -> str:
        return f"{self.method} ({METHOD_NOTES[self.method]})"

    def _weights_text(self) -> str:
        return weights_text({"lag": self.weights_info} if self.weights_info else {})

    def with_weights(self, weights: Any) -> SpatialIVFit:
        """Return a fit that was read back together with its weights.

        Parameters
        ----------
        weights : Weights or anything that `Weights.coerce` accepts
            Spatial weights of the estimate.

        Returns
        -------
        SpatialIVFit
            The same estimates, with weights.

        Raises
        ------
        AlignmentError
            If the weights name other units.
        DataError
            If the weights are not those of the estimate (by digest).
        """
        return replace(self, lags=recorded_lags(weights, self.units, self.weights_info))

    def __maketables_stat__(self, key: str) -> Any:
        """Return a statistic by its maketables key, or None."""
        over = self.overidentification_records
        known = {
            "N": self.n * self.T,
            "n_units": self.n,
            "n_periods": self.T,
            "n_effective": self.n_effective,
            "se_type": self.covariance_kind,
            "effects": self.effects_structure,
            "method": self.method,
            "lam": self.lam,
            "first_stage_f": min((r["f"] for r in self.first_stage_records), default=None),
            "overidentification": over[-1]["statistic"] if over else None,
            "overidentification_p": over[-1]["p_value"] if over else None,
            "endogeneity_p": self.endogeneity_records[-1]["p_value"] if self.endogeneity_records else None,
        }
        return known.get(key)

    @property
    def __maketables_vcov_info__(self) -> dict[str, Any]:
        """Kind of the covariance."""
        cluster = "unit" if self.covariance_kind == "clustered" else None
        return {"vcov_type": self.covariance_kind, "clustervar": cluster}

    @property
    def __maketables_default_stat_keys__(self) -> list[str]:
        """Statistics that a table shows by default."""
        return ["N", "first_stage_f", "overidentification", "overidentification_p", "endogeneity_p"]

    @property
    def __maketables_stat_labels__(self) -> dict[str, str]:
        """Labels of the statistics that maketables does not know."""
        return {
            "n_units": "Units",
            "n_periods": "Periods",
            "n_effective": "Effective observations",
            "effects": "Effects",
            "method": "Method",
            "lam": "lam (moments)",
            "first_stage_f": "Smallest first-stage F",
            "overidentification": "Overidentification",
            "overidentification_p": "Overidentification, p",
            "endogeneity_p": "Exogeneity, p",
        }


_RECORDS = ("first_stage_records", "overidentification_records", "endogeneity_records")
_SEQUENCES = ("regressors", "durbin", "endogenous", "instruments", "names", "notes", "units", "periods")
_KEPT = ("values", "covariance_matrix", "residual_values", "rho_interval", "lags", "stored_weights_info")
_PLAIN = tuple(f.name for f in fields(SpatialIVFit) if f.name not in (*_RECORDS, *_SEQUENCES, *_KEPT))


def _table(records: tuple[Mapping[str, Any], ...]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame([dict(record) for record in records])


def _header(fit: SpatialIVFit) -> list[str]:
    pairs = [
        ("Effects", fit.effects_structure),
        ("Covariance", fit.covariance_kind),
        ("Units (n)", str(fit.n)),
        ("Periods (T)", str(fit.T)),
        ("Effective observations", str(fit.n_effective)),
        ("Residual df", str(fit.df_residual)),
        ("sigma2", f"{fit.sigma2:.6g}"),
        ("lam", "none" if fit.lam is None else f"{fit.lam:.6g}"),
    ]
    cells = [f"{label:<23}{value:>14}" for label, value in pairs]
    rows = [f"{left}  {right}" for left, right in zip(cells[::2], cells[1::2], strict=True)]
    return [*rows, f"Method: {METHOD_NOTES[fit.method]}.", f"Instruments: {', '.join(fit.instruments)}."]


def _coefficients(fit: SpatialIVFit) -> list[str]:
    width = max(12, *(len(name) for name in fit.names))
    rows = [f"{'':<{width}}{'estimate':>14}{'std. error':>13}{'z':>10}{'p':>9}"]
    for name, value, error in zip(fit.names, fit.values.tolist(), fit.standard_errors.tolist(), strict=True):
        z = value / error
        rows.append(f"{name:<{width}}{value:>14.6g}{error:>13.6g}{z:>10.3f}{normal_p_value(z):>9.4f}")
    return rows


def _diagnostics(fit: SpatialIVFit) -> list[str]:
    rows = [
        f"First stage of {r['variable']}: F({r['df']}, {r['df_denom']}) = {r['f']:.3f} "
        f"(p {r['p_value']:.4f}), conditional F {r['conditional_f']:.3f}"
        for r in fit.first_stage_records
    ]
    rows += [
        f"{r['test']}: chi2({r['df']}) = {r['statistic']:.3f} (p {r['p_value']:.4f})"
        for r in fit.overidentification_records
    ]
    rows += [
        f"Exogeneity of {r['variables']}: {r['test']} {r['statistic']:.3f} (p {r['p_value']:.4f})"
        for r in fit.endogeneity_records
    ]
    return rows
