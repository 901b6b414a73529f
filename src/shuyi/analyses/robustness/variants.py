"""The headline under other data: each variant is a panel and a specification.

Differences and trends are removed by a matrix over time that is applied to every variable alike. It takes
the effects of units with it and turns period effects into as many new ones, so that a two-way model becomes
one with time effects over fewer periods: for the matrix that removes means of units alone this is the
transformation of Lee and Yu (2010) itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import ConfigError, DataError
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
class Material:
    """What variants are made from.

    Parameters
    ----------
    panel : Panel
        The estimation panel, cut to the sample of the headline.
    clean : Panel
        Series of all units, from which the index is computed.
    scheme : Scheme
        The index scheme of the paper.
    weighting : str
        Weighting of its indicators.
    caveats : sequence of Caveat
        Breaks of the series.
    specification : Specification
        The headline.
    term : str
        Regressor whose effects are compared.
    derivations : Derivations
        From which series the variables follow.
    """

    panel: Panel
    clean: Panel
    scheme: Scheme
    weighting: Weighting
    caveats: Sequence[Caveat]
    specification: Specification
    term: str
    derivations: Derivations = SERIES_ONLY

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

    def with_index(self, scheme: Scheme, clean: Panel) -> Panel:
        """Return the panel with the index of another scheme or from other series.

        Parameters
        ----------
        scheme : Scheme
            With its indicators.
        clean : Panel
            Series of all units.

        Returns
        -------
        Panel
            Outcome and regressors.
        """
        found = compute_index(
            scheme,
            clean,
            weighting=self.weighting,
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


def over_time(material: Material, matrix: NDArray) -> tuple[Panel, Specification]:
    """Apply a matrix over time to outcome and regressors.

    Parameters
    ----------
    material : Material
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


def differences(material: Material) -> tuple[Panel, Specification]:
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


CHANGES: Mapping[str, Callable[..., tuple[Panel, Specification]]] = {
    "differences": differences,
    "log": logarithm,
    "first_year_denominators": first_year_denominators,
    "lag": lagged,
    "controls": controls,
    "trends": trends,
    "denominators": denominators,
    "unshared_denominators": unshared_denominators,
}
"""Each change of the headline by the name that the configuration gives it."""
