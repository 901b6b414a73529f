"""The same treatment paths given to other units: all ways, or random ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from math import factorial, prod
from typing import TYPE_CHECKING

import numpy as np

from shuyi.arguments import check_draws, check_seed
from shuyi.errors import DataError, IdentificationError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.spatialpanel.treatment.paths import Treatment


TIES = 1e-12
"""Relative difference below which two statistics are equal: the rounding of sums in another order."""

NO_VARIATION = 1e-12
"""Sum of squares at or below which a regressor of ones and shares does not vary but for rounding."""

NO_RANK = 1e-10
"""Determinant of correlations at or below which regressors follow from each other but for rounding."""


@dataclass(frozen=True, eq=False)
class Assignments:
    """Ways of giving the paths of a treatment to units.

    Parameters
    ----------
    sources : ndarray of int, shape (P, n)
        Position of the unit whose path each unit receives; the first row is what took place.
    exact : bool
        Whether these are all ways, each once; else random ones beside the first.
    possible : int
        Number of all ways.

    Examples
    --------
    >>> from shuyi.spatialpanel.treatment import Treatment, assignments
    >>> found = assignments(Treatment({"b": 3}, ("a", "b", "c"), (1, 2, 3)), draws=99, seed=1)
    >>> found.exact, len(found.sources)
    (True, 3)
    """

    sources: NDArray[np.int_]
    exact: bool
    possible: int


def share_as_large(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of assignments whose statistic is at least as large as what took place.

    Parameters
    ----------
    values : ndarray, shape (P, ...)
        Statistics by assignment, at least zero; the first is what took place.

    Returns
    -------
    ndarray
        At least 1/P.

    Examples
    --------
    >>> import numpy as np
    >>> from shuyi.spatialpanel.treatment.assignments import share_as_large
    >>> float(share_as_large(np.array([2.0, 1.0, 2.0, 3.0])))
    0.75
    """
    return np.asarray((values >= values[0] * (1 - TIES)).mean(axis=0))


def identified(gram: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which cross-products of regressors, shape (P, k, k), are of full rank.

    Parameters
    ----------
    gram : ndarray, shape (P, k, k)
        Symmetric, with regressors as rows and columns.

    Returns
    -------
    ndarray of bool, shape (P,)
        Whether every regressor varies and none follows from the others.
    """
    size = np.einsum("pkk->pk", gram)
    scale = np.sqrt(np.where(size > NO_VARIATION, size, 1.0))
    determinant = np.linalg.det(gram / (scale[:, :, None] * scale[:, None, :]))
    return np.asarray((size > NO_VARIATION).all(axis=1) & (determinant > NO_RANK))


def assignments(
    treatment: Treatment, *, draws: int = 9999, seed: int = 1, strata: Sequence[str] | None = None
) -> Assignments:
    """Return the treatment's paths re-assigned to units: all ways where they are few, else random ones.

    Under the hypothesis that the treatment has no effect on any unit, whichever units were treated, the
    outcome would be the same; the assignments then give the exact distribution of any statistic if each was
    equally likely (Fisher 1935; Rosenbaum 2002). Whole paths move, so that the dependence of the outcome over
    time is kept.

    Parameters
    ----------
    treatment : Treatment
        Who is treated from when on.
    draws : int, default 9999
        Number of random assignments, beside what took place; all ways are enumerated where they are no more.
    seed : int, default 1
        Of the random assignments.
    strata : sequence of str, length n, optional
        Group of each unit, within which paths move; all units are one group by default.

    Returns
    -------
    Assignments
        What took place first.

    Raises
    ------
    ConfigError
        If draws or the seed are no positive numbers.
    DataError
        If strata do not have one value per unit.
    IdentificationError
        If the paths can be given to units in one way only.
    """
    n = len(treatment.units)
    draws = check_draws(draws, "draws", least=1, each=8 * n)
    if strata is not None and len(strata) != n:
        raise DataError("Strata have one value per unit.", expected=str(n), found=str(len(strata)))
    members = _members(strata, n)
    firsts = [treatment.starts.get(unit, 0) if unit in treatment.treated else 0 for unit in treatment.units]
    possible = prod(_ways([firsts[i] for i in group]) for group in members)
    if possible == 1:
        raise IdentificationError(
            "The paths can be given to the units in one way only, so that nothing can be compared.",
            expected="a group of units of which some are treated and some are not",
            found="groups treated as a whole or not at all",
            remedy="use larger groups, or none",
        )
    if possible <= draws + 1:
        return Assignments(_all_ways(firsts, members), True, possible)
    rng = np.random.default_rng(check_seed(seed))
    sources = np.tile(np.arange(n), (draws + 1, 1))
    for group in members:
        sources[1:, group] = rng.permuted(np.tile(group, (draws, 1)), axis=1)
    return Assignments(sources, False, possible)


def _members(strata: Sequence[str] | None, n: int) -> list[list[int]]:
    if strata is None:
        return [list(range(n))]
    return [[i for i in range(n) if strata[i] == name] for name in dict.fromkeys(strata)]


def _ways(firsts: Sequence[int]) -> int:
    return factorial(len(firsts)) // prod(factorial(count) for count in Counter(firsts).values())


def _all_ways(firsts: Sequence[int], members: Sequence[Sequence[int]]) -> NDArray[np.int_]:
    """Return every distinct assignment once, what took place first."""
    by_group = [list(_placements([firsts[i] for i in group])) for group in members]
    rows = []
    for chosen in product(*by_group):
        row = np.arange(len(firsts))
        for group, placement in zip(members, chosen, strict=True):
            row[list(group)] = [group[i] for i in placement]
        rows.append(row)
    found = np.array(rows)
    own = np.array(firsts)
    same = (own[found] == own).all(axis=1)
    return np.vstack([found[same], found[~same]])


def _placements(firsts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield for each distinct order of the values the positions that they come from."""
    kinds = sorted(set(firsts))
    holders = {kind: [i for i, first in enumerate(firsts) if first == kind] for kind in kinds}

    def place(left: tuple[int, ...], rest: Sequence[int]) -> Iterator[dict[int, int]]:
        if not rest:
            yield {}
            return
        owners = holders[rest[0]]
        for spots in combinations(left, len(owners)):
            own = dict(zip(spots, owners, strict=True))
            for others in place(tuple(spot for spot in left if spot not in spots), rest[1:]):
                yield own | others

    for found in place(tuple(range(len(firsts))), kinds):
        yield tuple(found[i] for i in range(len(firsts)))
