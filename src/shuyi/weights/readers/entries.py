"""Weights as a file holds them: entries by position, and labels of the positions where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from shuyi.errors import WeightsError, offenders
from shuyi.readers.names import text_of
from shuyi.readers.numbers import BLANKS

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Entries:
    """The entries of a square matrix, from a file of any kind.

    Parameters
    ----------
    file : str
        Name of the file, for messages.
    n : int
        Number of units.
    rows, columns : ndarray of int
        Positions of the entries that are not zero.
    values : ndarray of float
        Entries.
    labels : tuple of str
        Label of each position; empty where the file has none.
    numbered : bool
        Whether the labels only count the positions (from 0 or from 1), so that they may name nothing.
    form : str
        What the file was taken for, e.g. ``"labelled matrix"``.
    distances : bool
        Whether the format is used for distances as well as for weights.
    own_diagonal : bool
        Whether a diagonal belongs to the format and means nothing.
    notes : tuple of str
        What the file says about itself.
    stated : int
        Number of units that the file says it has, where it may lack those without neighbours; else 0.
    """

    file: str
    n: int
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: NDArray[np.float64]
    labels: tuple[str, ...] = ()
    numbered: bool = False
    form: str = ""
    distances: bool = False
    own_diagonal: bool = False
    notes: tuple[str, ...] = field(default_factory=tuple)
    stated: int = 0

    def with_islands(self, labels: Sequence[str]) -> Entries:
        """Return the entries with further units that have no links.

        Parameters
        ----------
        labels : sequence of str
            Their labels.

        Returns
        -------
        Entries
            Longer by as many.
        """
        return replace(self, n=self.n + len(labels), labels=(*self.labels, *labels), stated=0)

    def labelled(self, labels: Sequence[str]) -> Entries:
        """Return the entries with other labels, one for each position.

        Parameters
        ----------
        labels : sequence of str
            In the order of the positions.

        Returns
        -------
        Entries
            The same numbers.
        """
        return replace(self, labels=tuple(labels), numbered=False)


def from_dense(
    file: str, values: NDArray[np.float64], labels: Sequence[str] = (), *, form: str = "matrix"
) -> Entries:
    """Return the entries of a dense square matrix.

    Parameters
    ----------
    file : str
        Name of the file.
    values : ndarray, shape (n, n)
        Matrix.
    labels : sequence of str
        Label of each row, or none.
    form : str
        What the file was taken for.

    Returns
    -------
    Entries
        Zeros are left out.

    Raises
    ------
    WeightsError
        If the matrix is not square.
    """
    if values.ndim != 2 or values.shape[0] != values.shape[1]:
        raise WeightsError(
            f"{file} does not hold a square matrix.",
            expected="as many rows as columns",
            found=f"shape {' x '.join(map(str, values.shape))}",
        )
    rows, columns = np.nonzero(values)
    numbered = is_numbering(labels)
    return Entries(file, len(values), rows, columns, values[rows, columns], tuple(labels), numbered, form)


def from_links(
    file: str,
    links: Sequence[tuple[str, str, float]],
    labels: Sequence[str],
    *,
    form: str,
    notes: Sequence[str] = (),
    distances: bool = False,
    own_diagonal: bool = False,
) -> Entries:
    """Return the entries of a list of links.

    Parameters
    ----------
    file : str
        Name of the file.
    links : sequence of (str, str, float)
        Unit, neighbour, weight; zero weights are left out.
    labels : sequence of str
        Every unit once, in the order of the file.
    form : str
        What the file was taken for.
    notes : sequence of str
        What the file says about itself.
    distances, own_diagonal : bool
        See `Entries`.

    Returns
    -------
    Entries
        Positions in the order of the labels.

    Raises
    ------
    WeightsError
        If a link occurs twice, or names a unit that is not among the labels.
    """
    place = {label: position for position, label in enumerate(labels)}
    unknown = dict.fromkeys(e for a, b, _ in links for e in (a, b) if e not in place)
    seen: set[tuple[str, str]] = set()
    twice = [f"{a} - {b}" for a, b, _ in links if (a, b) in seen or seen.add((a, b))]  # type: ignore[func-returns-value]
    if unknown or twice or len(place) < len(labels):
        repeated = (
            [label for label in place if list(labels).count(label) > 1] if len(place) < len(labels) else []
        )
        parts = [f"no record for {offenders(unknown)}"] if unknown else []
        parts += [f"links given twice: {offenders(twice)}"] if twice else []
        parts += [f"units given twice: {offenders(repeated)}"] if repeated else []
        raise WeightsError(
            f"The links of {file} do not fit together.",
            expected="a record for every unit, each link once",
            found="; ".join(parts),
            remedy="mend the file, or export it anew",
        )
    kept = [(place[a], place[b], value) for a, b, value in links if value != 0]
    rows, columns, values = (list(part) for part in zip(*kept, strict=True)) if kept else ([], [], [])
    return Entries(
        file,
        len(labels),
        np.array(rows, dtype=np.intp),
        np.array(columns, dtype=np.intp),
        np.array(values, dtype=float),
        tuple(labels),
        is_numbering(labels),
        form,
        distances,
        own_diagonal,
        tuple(notes),
    )


def is_numbering(labels: Sequence[str]) -> bool:
    """Return whether labels only count from 0 or from 1, in any order.

    Parameters
    ----------
    labels : sequence of str
        Labels of a file.

    Returns
    -------
    bool
        False for no labels.
    """
    if not labels or not all(label.isdigit() and label == str(int(label)) for label in labels):
        return False
    numbers = {int(label) for label in labels}
    return numbers in (set(range(len(labels))), set(range(1, len(labels) + 1)))


def numbering_order(labels: Sequence[str]) -> list[int]:
    """Return the position in a list, counted from 0, that each numbering label means.

    Parameters
    ----------
    labels : sequence of str
        Labels for which `is_numbering` is true.

    Returns
    -------
    list of int
        A permutation of 0 to n - 1.
    """
    numbers = [int(label) for label in labels]
    start = min(numbers)
    return [number - start for number in numbers]


def label_of(raw: object) -> str:
    """Return the label in a cell: text without surrounding space, whole numbers as digits.

    Parameters
    ----------
    raw : object
        A cell.

    Returns
    -------
    str
        Empty for nothing.
    """
    return text_of(raw).strip(BLANKS)
