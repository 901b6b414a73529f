"""The headline under other data: each variant is a panel and a specification.

Differences and trends are removed by a matrix over time that is applied to every variable alike. It takes
the effects of units with it and turns period effects into as many new ones, so that a two-way model becomes
one with time effects over fewer periods: for the matrix that removes means of units alone this is the
transformation of Lee and Yu (2010) itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError, check_known
from shuyi.indices import (
    SERIES_ONLY,
    Scheme,
    Weighting,
    compute_index,
    shared_denominators,
)
from shuyi.panel import Panel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.data.derivations import Derivations
    from shuyi.data.series import Caveat
    from shuyi.spatialpanel import Specification

WITHOUT_UNIT_EFFECTS = {"twoways": "time", "individual": "pooled", "time": "time", "pooled": "pooled"}
"""Effects that are left once a matrix over time has taken the effects of units with it."""


@dataclass(frozen=True, eq=False)
class Headline:
    """The headline and its data.

    Parameters
    ----------
    panel : Panel
        The estimation panel, cut to the sample of the headline.
    specification : Specification
        The headline.
    term : str
        Regressor whose effects are compared.
    """

    panel: Panel
    specification: Specification
    term: str

    @property
    def names(self) -> tuple[str, ...]:
        """Outcome and regressors."""
        return (self.specification.outcome, *self.specification.regressors)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return outcome and regressors.

        Returns
        -------
        dict of str to ndarray, shape (T, n)
            By name.
        """
        return {name: self.panel[name] for name in self.names}


@dataclass(frozen=True, eq=False)
class Material(Headline):
    """What variants are made from: the headline, and what its index is computed from.

    Parameters
    ----------
    clean : Panel
        Series of all units, from which the index is computed.
    scheme : Scheme
        The index scheme of the paper.
    weighting : str
        Weighting of its indicators.
    caveats : sequence of Caveat
        Breaks of the series.
    derivations : Derivations
        From which series the variables follow.
    schemes : mapping of str to Scheme
        Further schemes by name.
    samples : mapping of str to sequence of str
        Units that each sample leaves out, by its name.
    outcomes : mapping of str to ndarray, shape (T, all units)
        Outcomes that other analyses computed, for the units and years of `clean`.
    """

    clean: Panel
    scheme: Scheme
    weighting: Weighting
    caveats: Sequence[Caveat]
    derivations: Derivations = SERIES_ONLY
    schemes: Mapping[str, Scheme] = field(default_factory=dict)
    samples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    outcomes: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)

    def with_index(self, scheme: Scheme, clean: Panel, weighting: Weighting | None = None) -> Panel:
        """Return the panel with the index of another scheme or from other series.

        Parameters
        ----------
        scheme : Scheme
            With its indicators.
        clean : Panel
            Series of all units.
        weighting : str, optional
            Of the indicators; that of the paper by default.

        Returns
        -------
        Panel
            Outcome and regressors.
        """
        found = compute_index(
            scheme,
            clean,
            weighting=weighting or self.weighting,
            caveats=self.caveats,
            derivations=self.derivations,
        )
        kept = found.to_panel().select(units=self.panel.units)
        return assembled(self.arrays() | {self.term: kept[self.term]}, self.panel)


def assembled(arrays: Mapping[str, NDArray], like: Panel, periods: Sequence[int] | None = None) -> Panel:
    """Return arrays as a panel of the units of another.

    Parameters
    ----------
    arrays : mapping of str to ndarray, shape (T, n)
        By name of the variable.
    like : Panel
        Whose units they have.
    periods : sequence of int, optional
        Those of `like` by default.

    Returns
    -------
    Panel
        Of these variables alone.
    """
    kept = like.periods if periods is None else tuple(periods)
    return Panel(np.stack(list(arrays.values()), axis=2), like.units, kept, tuple(arrays))


def change(material: Material, entry: Mapping[str, Any]) -> tuple[Panel, Specification]:
    """Return panel and specification of one variant.

    Parameters
    ----------
    material : Material
        The headline and its data.
    entry : mapping
        ``change``, a key of `CHANGES`, with its options.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.

    Raises
    ------
    ShuyiError
        If the data do not allow the change.
    """
    options = {key: value for key, value in entry.items() if key != "change"}
    panel, specification = CHANGES[entry["change"]](material, **options)
    return panel, specification


def over_time(material: Headline, matrix: NDArray) -> tuple[Panel, Specification]:
    """Apply a matrix over time to outcome and regressors.

    Parameters
    ----------
    material : Headline
        The headline and its data.
    matrix : ndarray, shape (S, T)
        Its rows sum to zero.

    Returns
    -------
    tuple of Panel and Specification
        Without effects of units.

    Raises
    ------
    ConfigError
        If the model has random effects.
    """
    arrays = {name: matrix @ values for name, values in material.arrays().items()}
    spec = material.specification
    effects = WITHOUT_UNIT_EFFECTS.get(spec.effects)
    if effects is None:
        raise ConfigError(
            "The effects of this model are not removed by a transformation over time.",
            expected=f"effects: one of {', '.join(WITHOUT_UNIT_EFFECTS)}",
            found=spec.effects,
        )
    correction = "exact" if effects == "pooled" else spec.correction
    periods = material.panel.periods[-len(matrix) :]
    return assembled(arrays, material.panel, periods), replace(spec, effects=effects, correction=correction)


def complement(columns: NDArray) -> NDArray[np.float64]:
    """Return an orthonormal basis of what is orthogonal to some columns.

    Parameters
    ----------
    columns : ndarray, shape (T, k)
        Linearly independent.

    Returns
    -------
    ndarray, shape (T - k, T)
        The basis as rows.
    """
    return np.linalg.svd(columns, full_matrices=True)[0][:, columns.shape[1] :].T


def differences(material: Headline) -> tuple[Panel, Specification]:
    """Take first differences of outcome and regressors.

    Parameters
    ----------
    material : Material
        The headline and its data.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    return over_time(material, np.diff(np.eye(material.panel.T), axis=0))


def trends(material: Material) -> tuple[Panel, Specification]:
    """Remove a linear trend of each unit.

    Parameters
    ----------
    material : Material
        The headline and its data.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.

    Raises
    ------
    DataError
        If there are fewer than four periods.
    """
    T = material.panel.T
    if T < 4:
        raise DataError("Trends of units need four periods.", found=str(T))
    return over_time(material, complement(np.column_stack([np.ones(T), np.arange(T)])))


def logarithm(material: Material) -> tuple[Panel, Specification]:
    """Take the logarithm of the term.

    Parameters
    ----------
    material : Material
        The headline and its data.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.

    Raises
    ------
    DataError
        If a value of the term is not above zero.
    """
    values = material.panel[material.term]
    if (values <= 0).any():
        raise DataError(f"The logarithm of {material.term} does not exist.", expected="values above zero")
    arrays = material.arrays() | {material.term: np.log(values)}
    return assembled(arrays, material.panel), material.specification


def lagged(material: Material) -> tuple[Panel, Specification]:
    """Take every regressor one period earlier.

    Parameters
    ----------
    material : Material
        The headline and its data.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    outcome = material.specification.outcome
    arrays = {n: v[1:] if n == outcome else v[:-1] for n, v in material.arrays().items()}
    return assembled(arrays, material.panel, material.panel.periods[1:]), material.specification


def controls(material: Material, keep: Sequence[str]) -> tuple[Panel, Specification]:
    """Keep the term and the named regressors alone.

    Parameters
    ----------
    material : Material
        The headline and its data.
    keep : sequence of str
        Names of regressors.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    spec = material.specification
    kept = tuple(name for name in spec.regressors if name == material.term or name in keep)
    durbin = spec.durbin if isinstance(spec.durbin, str) else tuple(n for n in spec.durbin if n in kept)
    return material.panel, replace(spec, regressors=kept, durbin=durbin)


def first_year_denominators(material: Material) -> tuple[Panel, Specification]:
    """Compute the index with every denominator at its value in the first period.

    Parameters
    ----------
    material : Material
        The headline and its data.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    names = {i.denominator for i in material.scheme.indicators if i.denominator}
    values = material.clean.values.copy()
    for name in names:
        position = material.clean.variables.index(name)
        values[:, :, position] = values[0, :, position]
    return material.with_index(
        material.scheme, replace(material.clean, values=values)
    ), material.specification


def denominators(material: Material, keep: Sequence[str]) -> tuple[Panel, Specification]:
    """Compute the index of the indicators with one of the given denominators alone.

    Parameters
    ----------
    material : Material
        The headline and its data.
    keep : sequence of str
        Names of denominators.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    kept = [i.id for i in material.scheme.indicators if i.denominator in keep]
    return material.with_index(material.scheme.of(kept), material.clean), material.specification


def unshared_denominators(material: Material) -> tuple[Panel, Specification]:
    """Compute the index of the indicators whose denominator the outcome does not rest on.

    Parameters
    ----------
    material : Material
        The headline and its data.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    shared = shared_denominators(material.scheme, material.specification.outcome, material.derivations)
    linked = {name for names in shared.values() for name in names}
    kept = [i.id for i in material.scheme.indicators if i.id not in linked]
    return material.with_index(material.scheme.of(kept), material.clean), material.specification


def other_scheme(material: Material, scheme: str) -> tuple[Panel, Specification]:
    """Compute the index by another scheme.

    Parameters
    ----------
    material : Material
        The headline and its data.
    scheme : str
        Name of a further scheme.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    check_known(scheme, tuple(material.schemes), "index scheme")
    return material.with_index(material.schemes[scheme], material.clean), material.specification


def other_weighting(material: Material, weighting: Weighting) -> tuple[Panel, Specification]:
    """Weigh the indicators of the index in another way.

    Parameters
    ----------
    material : Material
        The headline and its data.
    weighting : {"entropy", "critic", "pca", "equal"}
        Of the indicators.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    panel = material.with_index(material.scheme, material.clean, weighting)
    return panel, material.specification


def without_indicator(material: Material, indicator: str) -> tuple[Panel, Specification]:
    """Compute the index without one of its indicators.

    Parameters
    ----------
    material : Material
        The headline and its data.
    indicator : str
        Id of the indicator.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    kept = [i.id for i in material.scheme.indicators if i.id != indicator]
    return material.with_index(material.scheme.of(kept), material.clean), material.specification


def other_outcome(material: Material, variable: str) -> tuple[Panel, Specification]:
    """Explain another variable.

    Parameters
    ----------
    material : Material
        The headline and its data.
    variable : str
        Variable of the panel, or an outcome that another analysis computed.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    panel, spec = material.panel, material.specification
    check_known(variable, (*panel.variables, *material.outcomes), "outcome")
    if variable in spec.regressors:
        raise ConfigError(f"{variable} is a regressor of the headline.", remedy="name another outcome")
    if variable not in material.outcomes:
        arrays = {variable: panel[variable], **{name: panel[name] for name in spec.regressors}}
    else:
        places = [material.clean.units.index(unit) for unit in panel.units]
        own = material.outcomes[variable][:, places]
        arrays = {variable: own, **{name: panel[name] for name in spec.regressors}}
    return assembled(arrays, panel), replace(spec, outcome=variable)


def other_sample(material: Material, sample: str) -> tuple[Panel, Specification]:
    """Leave out the units that another sample leaves out.

    Parameters
    ----------
    material : Material
        The headline and its data.
    sample : str
        Name of the sample.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    check_known(sample, tuple(material.samples), "sample")
    kept = [unit for unit in material.panel.units if unit not in material.samples[sample]]
    return material.panel.select(units=kept), material.specification


def winsorised(material: Material, share: float) -> tuple[Panel, Specification]:
    """Bring the lowest and highest values of outcome and regressors to their quantiles.

    Parameters
    ----------
    material : Material
        The headline and its data.
    share : float
        Share of the observations at each end, over units and periods together.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    arrays = {n: np.clip(v, *np.quantile(v, [share, 1 - share])) for n, v in material.arrays().items()}
    return assembled(arrays, material.panel), material.specification


def lagged_controls(material: Material) -> tuple[Panel, Specification]:
    """Take every regressor but the term one period earlier, when the term could not yet move it.

    Parameters
    ----------
    material : Material
        The headline and its data.

    Returns
    -------
    tuple of Panel and Specification
        Ready to be estimated.
    """
    current = (material.specification.outcome, material.term)
    arrays = {n: v[1:] if n in current else v[:-1] for n, v in material.arrays().items()}
    return assembled(arrays, material.panel, material.panel.periods[1:]), material.specification


CHANGES: Mapping[str, Callable[..., tuple[Panel, Specification]]] = {
    "differences": differences,
    "log": logarithm,
    "first_year_denominators": first_year_denominators,
    "lag": lagged,
    "controls": controls,
    "trends": trends,
    "denominators": denominators,
    "unshared_denominators": unshared_denominators,
    "scheme": other_scheme,
    "weighting": other_weighting,
    "without_indicator": without_indicator,
    "outcome": other_outcome,
    "sample": other_sample,
    "winsorise": winsorised,
    "lag_controls": lagged_controls,
}
"""Each change of the headline by the name that the configuration gives it."""
