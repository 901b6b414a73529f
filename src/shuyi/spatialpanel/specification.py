"""One estimated column of a paper as data: `Specification`, and `fit`, which the pipeline calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from shuyi.errors import ConfigError, did_you_mean, offenders
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.results import Fit


@dataclass(frozen=True, slots=True)
class Specification:
    """One row of the specification sheet.

    Texts of several names are split at spaces, so that a row of a CSV file can be passed as it is.

    Attributes
    ----------
    id, table, column : str
        Where the estimate is printed.
    model : str
        A key of `models.MODELS`.
    outcome : str
        Name of the dependent variable.
    regressors : tuple of str
        Names of the explanatory variables.
    durbin : "all", "none" or tuple of str, default "all"
        Regressors whose spatial lags are included, where the model has such terms.
    weights : str, default ""
        Name of the weights, e.g. ``"contiguity"``; `fit` receives the matrix itself.
    effects : str, default "twoways"
        Fixed effects of the model.
    correction : str, default "lee_yu"
        How the effects are removed, see `transforms`.
    sample : str, default "all"
        Name of the sample; the panel handed to `fit` is already cut to it.
    covariance : str, default "information"
        Kind of covariance, a key of `covariance.COVARIANCES`.

    Examples
    --------
    >>> from shuyi.spatialpanel import Specification
    >>> Specification("main", "7", "SDM", "sdm", "y", "x1 x2").regressors
    ('x1', 'x2')
    """

    id: str
    table: str
    column: str
    model: str
    outcome: str
    regressors: tuple[str, ...]
    durbin: str | tuple[str, ...] = "all"
    weights: str = ""
    effects: str = "twoways"
    correction: str = "lee_yu"
    sample: str = "all"
    covariance: str = "information"

    def __post_init__(self) -> None:
        object.__setattr__(self, "table", str(self.table))
        object.__setattr__(self, "regressors", _names(self.regressors))
        if self.durbin not in ("all", "none"):
            object.__setattr__(self, "durbin", _names(self.durbin))
        if self.model not in MODELS:
            raise ConfigError(
                f"Specification {self.id!r} names an unknown model.",
                expected=f"one of {', '.join(MODELS)}",
                found=repr(self.model),
                remedy=did_you_mean(self.model, MODELS),
            )

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Specification:
        """Build a specification from a row of the sheet.

        Parameters
        ----------
        row : mapping
            Text by column, as `csv.DictReader` gives it.

        Returns
        -------
        Specification
            Checked for the model's name alone.

        Raises
        ------
        ConfigError
            If the row has an unknown column or lacks one.
        """
        known = [f.name for f in fields(cls)]
        unknown = [str(key) for key in row if key not in known]
        missing = [name for name in known if name not in row]
        if unknown or missing:
            raise ConfigError(
                "A row of the specification sheet has other columns than a specification.",
                expected=offenders(known, 20),
                found=f"unknown: {offenders(unknown) or 'none'}; missing: {offenders(missing) or 'none'}",
            )
        return cls(**row)

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, for JSON.

        Returns
        -------
        dict
            Value by field, tuples as lists.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def fit(
    panel: Any,
    weights: Any,
    specification: Specification,
    *,
    islands: str = "refuse",
    covariance_options: Mapping[str, Any] | None = None,
) -> Fit:
    """Estimate one specification.

    Parameters
    ----------
    panel : Panel or DataFrame indexed by (unit, period)
        Already cut to the specification's sample.
    weights : Weights or anything that `Weights.coerce` accepts
        The weights that the specification names, for the units of the panel.
    specification : Specification
        Model, outcome, regressors and options.
    islands : {"refuse", "keep"}, default "refuse"
        What to do with units without neighbours: an error, or spatial lags of zero.
    covariance_options : mapping, optional
        Arguments of the kind of covariance.

    Returns
    -------
    Fit
        As `SpatialModel.fit` returns it.

    Raises
    ------
    ShuyiError
        Whatever the model refuses (see `models.SpatialModel`).

    Examples
    --------
    >>> from shuyi.spatialpanel import Specification, fit
    >>> from shuyi.spatialpanel.montecarlo.cells import lattice
    >>> from shuyi.spatialpanel.montecarlo.simulate import simulate
    >>> weights = lattice(4)
    >>> panel = simulate("sdm", weights, 6, seed=1, rho=0.4, theta=(0.5,))
    >>> fit(panel, weights, Specification("main", "7", "SDM", "sdm", "y", "x1")).names
    ('x1', 'W_x1', 'rho', 'sigma2')
    """
    spec = specification
    durbin = None if spec.durbin in ("none", ()) else spec.durbin
    model = MODELS[spec.model](
        panel,
        weights,
        outcome=spec.outcome,
        regressors=spec.regressors,
        durbin=durbin,
        effects=spec.effects,
        islands=islands,
    )
    return model.fit(spec.correction, spec.covariance, covariance_options=covariance_options)


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(names.split()) if isinstance(names, str) else tuple(names)
