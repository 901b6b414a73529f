"""Who is treated from when on, and who is exposed to the treatment of neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, IdentificationError, offenders
from shuyi.weights import Weights, check_aligned

if TYPE_CHECKING:
    from numpy.typing import NDArray


FEWEST_BEFORE = 2
"""Fewest periods before a treatment: with one, trends before it cannot be compared."""


class DesignError(IdentificationError):
    """A treatment whose effect the panel cannot identify.

    Parameters
    ----------
    what : str
        One sentence: what went wrong.
    reason : {"none_treated", "all_treated", "early", "inseparable"}
        The same as a word, for tables.
    expected, found, remedy : str
        As for every error.
    """

    def __init__(
        self, what: str, reason: str = "", *, expected: str = "", found: str = "", remedy: str = ""
    ) -> None:
        super().__init__(what, expected=expected, found=found, remedy=remedy)
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Treatment:
    """A treatment that some units are under from a period of their own on.

    Parameters
    ----------
    starts : mapping of str to int
        First period under the treatment by unit; units without an entry are never treated.
    units : tuple of str, length n
        All units, in the panel's order.
    periods : tuple of int, length T
        All periods, increasing.

    Raises
    ------
    DataError
        If a unit or a period is not one of the panel's.
    DesignError
        If no unit is treated, none is untreated throughout, or a unit is treated too early to compare what
        was before.

    Examples
    --------
    >>> from shuyi.spatialpanel.treatment import Treatment
    >>> treatment = Treatment({"b": 2003}, ("a", "b", "c"), (2001, 2002, 2003, 2004))
    >>> treatment.treated, treatment.cohorts
    (('b',), (2003,))
    """

    starts: Mapping[str, int]
    units: tuple[str, ...]
    periods: tuple[int, ...]

    def __post_init__(self) -> None:
        strangers = [unit for unit in self.starts if unit not in self.units]
        if strangers:
            raise DataError(
                "A treated unit is not one of the panel's.",
                expected=f"units of the panel: {offenders(list(self.units), 5)}",
                found=offenders(strangers),
                remedy="leave it out of the treatment, or bring its data",
            )
        if not self.treated:
            raise DesignError(
                "No unit is treated within the periods, so that there is no effect to estimate.",
                "none_treated",
                expected=f"a treatment that begins from {self.periods[0]} to {self.periods[-1]}",
                found=offenders(sorted({str(start) for start in self.starts.values()})) or "no treated unit",
                remedy="use a longer panel or another treatment",
            )
        if len(self.treated) == len(self.units):
            raise DesignError(
                "Every unit is treated, so that none shows what happens without the treatment.",
                "all_treated",
                expected="at least one unit that is never treated",
                found=f"{len(self.units)} of {len(self.units)} units treated",
                remedy="count treated places within the units, or use smaller units",
            )
        early = [u for u in self.treated if sum(p < self.starts[u] for p in self.periods) < FEWEST_BEFORE]
        if early:
            raise DesignError(
                "A unit is treated too early: what was before cannot be compared with the others.",
                "early",
                expected=f"at least {FEWEST_BEFORE} periods before the treatment",
                found=f"{offenders(early)} treated from {min(self.starts[u] for u in early)}, "
                f"panel from {self.periods[0]}",
                remedy="begin the panel earlier, or leave these units out",
            )

    @property
    def treated(self) -> tuple[str, ...]:
        """Units whose treatment begins within the periods."""
        return tuple(u for u in self.units if u in self.starts and self.starts[u] <= self.periods[-1])

    @property
    def never(self) -> tuple[str, ...]:
        """Units that are not treated in any period."""
        return tuple(unit for unit in self.units if unit not in self.treated)

    @property
    def cohorts(self) -> tuple[int, ...]:
        """First periods of the treatment, increasing."""
        return tuple(sorted({self.starts[unit] for unit in self.treated}))

    @cached_property
    def paths(self) -> NDArray[np.float64]:
        """One where a unit is treated, shape (T, n)."""
        first = np.array([self.starts.get(unit, self.periods[-1] + 1) for unit in self.units])
        return (np.array(self.periods)[:, None] >= first).astype(np.float64)

    def exposure(self, weights: Any) -> NDArray[np.float64]:
        """Return the weighted share of treated neighbours, ``W D``.

        Parameters
        ----------
        weights : Weights, or what `Weights.coerce` takes
            With the units of the treatment in their order.

        Returns
        -------
        ndarray, shape (T, n)
            Between zero and one under row-standardised weights.

        Raises
        ------
        AlignmentError
            If the weights have other units, or another order.
        """
        own = Weights.coerce(weights)
        check_aligned(self.units, own)
        return own.lag(self.paths)

    def exposed(self, weights: Any) -> tuple[str, ...]:
        """Return the units that are never treated and have a treated neighbour.

        Parameters
        ----------
        weights : Weights, or what `Weights.coerce` takes
            With the units of the treatment in their order.

        Returns
        -------
        tuple of str
            In the panel's order.
        """
        near = self.exposure(weights)[-1] > 0
        return tuple(u for u, n in zip(self.units, near, strict=True) if n and u in self.never)

    def clean(self, weights: Any) -> tuple[str, ...]:
        """Return the units that are neither treated nor have a treated neighbour.

        Parameters
        ----------
        weights : Weights, or what `Weights.coerce` takes
            With the units of the treatment in their order.

        Returns
        -------
        tuple of str
            In the panel's order.
        """
        exposed = self.exposed(weights)
        return tuple(unit for unit in self.never if unit not in exposed)

    def check_separable(self, weights: Any) -> None:
        """Raise DesignError where spillovers cannot be told from the effect itself.

        Parameters
        ----------
        weights : Weights, or what `Weights.coerce` takes
            With the units of the treatment in their order.

        Raises
        ------
        DesignError
            If no untreated unit is without a treated neighbour, or none has one.
        """
        exposed, clean = self.exposed(weights), self.clean(weights)
        if not clean or not exposed:
            raise DesignError(
                "Spillovers cannot be told from the effect on the treated units.",
                "inseparable",
                expected="untreated units with a treated neighbour, and untreated units without one",
                found=f"{len(exposed)} with, {len(clean)} without",
                remedy="estimate without spillovers, and read the estimate as a difference between treated "
                "and exposed units; or use smaller units",
            )
