"""Recipes by which variables follow from official series, and the series that a variable rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shuyi.errors import DataError, did_you_mean, offenders

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


AT_BASE, CHAINED = "@base", "@chain"
"""Suffixes of inputs: the series in the base year, and the index chained to level one in the base year."""


@dataclass(frozen=True)
class Derived:
    """A recipe: how a variable follows from official series, earlier variables and constants.

    Parameters
    ----------
    name : str
        Of the variable.
    unit : str
        ``{base_year}`` stands for the base year of prices.
    formula : str
        As printed in the table of variables.
    inputs : tuple of str
        Series, constants, earlier variables, or a series with the suffix ``@base`` or ``@chain``.
    function : callable
        Arrays of shape (T, n), one per input, to an array of shape (T, n).
    scales : tuple of str
        Inputs that only set the scale (denominators and deflators); the others are what it measures.
    """

    name: str
    unit: str
    formula: str
    inputs: tuple[str, ...]
    function: Callable[..., NDArray[np.float64]]
    scales: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derivations:
    """Every derived variable of a panel; any other name is a series, and its own origin.

    Parameters
    ----------
    recipes : tuple of Derived
        Each after its inputs.
    constants : tuple of str
        Columns that are no series, because they do not change over the years.
    """

    recipes: tuple[Derived, ...] = ()
    constants: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the derived variables, in the order of the recipes."""
        return tuple(recipe.name for recipe in self.recipes)

    def find(self, name: str) -> Derived | None:
        """Return the recipe of a variable, or None for a series or a constant.

        Parameters
        ----------
        name : str
            Of the variable.

        Returns
        -------
        Derived or None
            The recipe.
        """
        return next((recipe for recipe in self.recipes if recipe.name == name), None)

    def formula(self, variable: str, base_year: int) -> str:
        """Return the formula of a derived variable; a series or a constant is its own formula.

        Parameters
        ----------
        variable : str
            Derived or not.
        base_year : int
            Year of prices.

        Returns
        -------
        str
            As printed in the table of variables.
        """
        recipe = self.find(variable)
        return recipe.formula.format(base_year=base_year) if recipe else variable

    def origins(self, variables: Iterable[str], *, measured: bool = False) -> tuple[str, ...]:
        """Return the official series (and constants) that variables rest on, in alphabetical order.

        Parameters
        ----------
        variables : iterable of str
            Derived variables or series.
        measured : bool
            Whether to leave out the series that only set the scale (denominators, deflators).

        Returns
        -------
        tuple of str
            Each once.
        """
        found: set[str] = set()
        for variable in variables:
            name = variable.partition("@")[0]
            recipe = self.find(name)
            if recipe is None:
                found.add(name)
            else:
                inputs = [i for i in recipe.inputs if not (measured and i in recipe.scales)]
                found.update(self.origins(inputs, measured=measured))
        return tuple(sorted(found))

    def with_earlier(self, variables: Sequence[str]) -> tuple[Derived, ...]:
        """Return the recipes of variables and of the variables that they rest on, each after its inputs.

        Parameters
        ----------
        variables : sequence of str
            Derived variables.

        Returns
        -------
        tuple of Derived
            In the order of `recipes`.

        Raises
        ------
        DataError
            If a variable has no recipe.
        """
        wanted = self._needed(variables)
        return tuple(recipe for recipe in self.recipes if recipe.name in wanted)

    def _needed(self, variables: Sequence[str]) -> set[str]:
        unknown = [v for v in variables if v not in self.names]
        if unknown:
            raise DataError(
                "There is no recipe for every variable asked for.",
                expected=f"among {', '.join(self.names)}",
                found=offenders(unknown),
                remedy=did_you_mean(unknown[0], self.names),
            )
        inputs = [i for recipe in self.recipes if recipe.name in variables for i in recipe.inputs]
        inner = [name for name in inputs if name in self.names]
        return {*variables, *(self._needed(inner) if inner else ())}
