"""Weights of a user's file, aligned with the units of a paper by label and never by position unasked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from shuyi.errors import AlignmentError, ConfigError, WeightsError, check_known, did_you_mean, offenders
from shuyi.readers.content import Content, load
from shuyi.readers.excel import read_workbook
from shuyi.readers.grid import Grid
from shuyi.readers.text import read_text_grid
from shuyi.readers.typed import read_stata
from shuyi.weights.container import DENSE_LIMIT, Weights
from shuyi.weights.readers.binary import read_matlab, read_r, read_swm
from shuyi.weights.readers.entries import Entries, numbering_order
from shuyi.weights.readers.tables import LinkColumns, looks_like_links, read_edges, read_matrix
from shuyi.weights.readers.text import looks_like_spmatrix, read_gal, read_gwt, read_spmatrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.units import Units

Kind = Literal["auto", "csv", "excel", "stata", "gal", "gwt", "swm", "matlab", "r", "spmatrix"]
Form = Literal["auto", "matrix", "edges"]
Values = Literal["", "weights", "binary", "inverse_distance"]
KINDS: tuple[Kind, ...] = get_args(Kind)
FORMS: tuple[Form, ...] = get_args(Form)
VALUES: tuple[Values, ...] = get_args(Values)

SUFFIXES: Mapping[str, Kind] = MappingProxyType(
    {
        **dict.fromkeys((".csv", ".txt", ".tsv", ".tab"), "csv"),
        **dict.fromkeys((".xlsx", ".xlsm", ".xls"), "excel"),
        **dict.fromkeys((".gwt", ".kwt"), "gwt"),
        **dict.fromkeys((".rda", ".rdata", ".rds"), "r"),
        ".dta": "stata",
        ".gal": "gal",
        ".swm": "swm",
        ".mat": "matlab",
    }
)
"""Reader by ending of a file's name."""

LIST_WIDTH = 4
"""Most columns of a list of links: a table of as many rows may be a list or a matrix."""

ROUNDED = 1e-5
"""Largest deviation of row sums from one that counts as a row-standardised matrix written with few digits."""

FEWEST, SPREAD, TRIED = 5, 4.0, 25
"""Fewest units and least spread at which numbers are tested for being distances, by way of how many units."""

LARGEST_RATIO = 1e9
"""Largest weight over the median one; beyond it an entry is a mistake (a code, a lost exponent)."""


@dataclass(frozen=True)
class WeightsSource:
    """A user's file of weights.

    Parameters
    ----------
    path : str
        File, relative to the folder of the paper.
    reader : {"auto", "csv", "excel", "stata", "gal", "gwt", "swm", "matlab", "r", "spmatrix"}
        Kind of file; by default from the ending of its name.
    form : {"auto", "matrix", "edges"}
        Of a table: a matrix or a list of links.
    order : tuple of str
        Unit of each row, for files without labels or with labels that only count.
    islands : tuple of str
        Units without neighbours that the file has no line for.
    axis : {"", "rows", "columns"}
        The labelled axis of a matrix, to say that the other one has the same order.
    columns : tuple of str
        Of a list of links: titles of unit, neighbour and, if any, weight.
    values : {"", "weights", "binary", "inverse_distance"}
        What the numbers of a file are that may hold distances: weights as they stand, links of weight one,
        or distances to be inverted.
    symmetric : bool or None
        Of a list of links that gives each pair once: whether a link goes both ways.
    diagonal : {"", "drop"}
        Whether a diagonal is dropped; by default it is refused.
    signed : bool
        Whether negative weights are meant.
    subset : bool
        Whether the file may hold units that the paper has not; they are dropped.
    variable, sheet : str
        Matrix of a Matlab or R file; sheet of a workbook.
    id_until : str
        Mark that ends the id in a label, as ``" - "`` in ``DE111 - Stuttgart``.
    encoding, delimiter : str
        Of text files; found where empty.
    """

    path: str
    reader: Kind = "auto"
    form: Form = "auto"
    order: tuple[str, ...] = ()
    islands: tuple[str, ...] = ()
    axis: str = ""
    columns: tuple[str, ...] = ()
    values: Values = ""
    symmetric: bool | None = None
    diagonal: str = ""
    signed: bool = False
    subset: bool = False
    variable: str = ""
    sheet: str = ""
    id_until: str = ""
    encoding: str = ""
    delimiter: str = ""

    def __post_init__(self) -> None:
        check_known(self.reader, KINDS, "reader of weights")
        check_known(self.form, FORMS, "form of weights")
        check_known(self.values, VALUES, "meaning of values")
        check_known(self.axis, ("", "rows", "columns"), "axis")
        check_known(self.diagonal, ("", "drop"), "rule for the diagonal")
        if self.columns and len(self.columns) not in (2, 3):
            raise ConfigError("columns: names unit, neighbour and weight.", found=repr(self.columns))

    @classmethod
    def from_config(cls, entry: Mapping[str, Any]) -> WeightsSource:
        """Return the source that an entry of a configuration describes.

        Parameters
        ----------
        entry : mapping
            Keys are the parameters of `WeightsSource`; lists stand for tuples.

        Returns
        -------
        WeightsSource
            Checked.

        Raises
        ------
        ConfigError
            If a key is unknown, the path is missing, or a value is not allowed.
        """
        allowed = [f.name for f in fields(cls)]
        unknown = [key for key in entry if key not in allowed]
        if unknown or "path" not in entry:
            raise ConfigError(
                "A file of weights is not described in a way that can be read.",
                expected=f"path and optionally {', '.join(allowed[1:])}",
                found=f"unknown: {offenders(unknown)}" if unknown else "no path",
                remedy=did_you_mean(unknown[0], allowed) if unknown else "name the file",
            )
        plain: dict[str, Any] = {
            k: tuple(map(str, v)) if isinstance(v, (list, tuple)) else v for k, v in entry.items()
        }
        return cls(**plain)


@dataclass(frozen=True, eq=False)
class WeightsReading:
    """Weights of a file and what was found in it.

    Parameters
    ----------
    weights : Weights
        In the order of the paper's units.
    facts : mapping of str to str
        Form, size, labels, symmetry, row sums, islands, before any standardising.
    notes : tuple of str
        What was changed or assumed on the user's word.
    sha256 : str
        Digest of the file.
    """

    weights: Weights
    facts: Mapping[str, str]
    notes: tuple[str, ...] = field(default_factory=tuple)
    sha256: str = ""

    def __str__(self) -> str:
        width = max(map(len, self.facts))
        lines = [f"  {name.ljust(width)}  {value}" for name, value in self.facts.items()]
        return "\n".join([*lines, *(f"  {note}" for note in self.notes)])


def read_weights(
    source: WeightsSource,
    labels: Sequence[str],
    *,
    data: bytes | None = None,
    units: Units | None = None,
) -> WeightsReading:
    """Read a file of weights and put it in the order of a paper's units.

    Parameters
    ----------
    source : WeightsSource
        Where it lies and what it holds.
    labels : sequence of str, length n
        Ids of the paper's units, in the order wanted.
    data : bytes, optional
        Content of the file, where it is at hand already.
    units : Units, optional
        Table of units that names in the file are resolved by.

    Returns
    -------
    WeightsReading
        Weights, not normalised, and what was found.

    Raises
    ------
    WeightsError
        If the file cannot be read, is not square, has no labels and no `order`, has a diagonal, negative or
        absurd entries, or gives each pair once without saying what that means.
    AlignmentError
        If its units are not the paper's.
    """
    content = load(source.path, data)
    entries = entries_of(source, content)
    notes = list(entries.notes)
    entries = _meant(entries, source, notes)
    entries = _named(entries, source, labels, units, notes)
    if source.islands:
        entries = entries.with_islands(_resolved(source.islands, labels, units, "islands:"))
    entries = _without_diagonal(entries, source, notes)
    entries = _both_ways(entries, source, notes)
    _check_absurd(entries, source)
    weights = _weights(entries, source)
    facts = _facts(entries, weights)
    aligned = _aligned(weights, labels, source, notes)
    return WeightsReading(aligned, MappingProxyType(facts), tuple(notes), content.sha256)


def entries_of(source: WeightsSource, content: Content) -> Entries:
    """Return the entries of a file as it holds them.

    Parameters
    ----------
    source : WeightsSource
        What the user says about it.
    content : Content
        The file.

    Returns
    -------
    Entries
        Not yet aligned with anything.

    Raises
    ------
    ConfigError
        If the ending of its name is unknown and no reader is named.
    WeightsError
        If it cannot be read.
    """
    kind = source.reader if source.reader != "auto" else SUFFIXES.get(content.suffix)
    if kind is None:
        raise ConfigError(
            f"The ending of {source.path} does not say how to read it.",
            expected=f"one of {', '.join(SUFFIXES)}",
            found=repr(content.suffix),
            remedy=f"say reader: {', '.join(KINDS[1:])}; export .stswm and .spmat as text in Stata",
        )
    if kind == "spmatrix" or (kind == "csv" and source.form == "auto" and looks_like_spmatrix(content)):
        return read_spmatrix(content, source.encoding)
    if kind in ("gal", "gwt"):
        return (read_gal if kind == "gal" else read_gwt)(content, source.encoding)
    if kind == "swm":
        return read_swm(content)
    if kind in ("matlab", "r"):
        return (read_matlab if kind == "matlab" else read_r)(content, source.variable)
    return _from_grid(_grid(kind, source, content), source)


def _grid(kind: str, source: WeightsSource, content: Content) -> Grid:
    if kind == "stata":
        return read_stata(content, source.encoding)
    if kind == "csv":
        return read_text_grid(content, encoding=source.encoding, delimiter=source.delimiter)
    grids = [grid for grid in read_workbook(content, (source.sheet,) if source.sheet else ()) if grid.rows]
    if len(grids) != 1:
        raise WeightsError(
            f"{source.path} has {len(grids)} sheets with cells.",
            expected="one, or sheet: with its name",
            found=offenders(grid.sheet for grid in grids),
        )
    return grids[0]


def _from_grid(grid: Grid, source: WeightsSource) -> Entries:
    if not grid.rows:
        raise WeightsError(f"{grid.file} holds no cells.", expected="a matrix or a list of links")
    edges = source.form == "edges" or bool(source.columns)
    if source.form == "auto" and not edges:
        edges = looks_like_links(grid)
    if not edges:
        return read_matrix(grid, source.axis)
    return read_edges(grid, LinkColumns(*source.columns) if source.columns else None)


def looks_like_distances(entries: Entries) -> bool:
    """Return whether every two units have a number and the numbers keep the triangle inequality.

    Parameters
    ----------
    entries : Entries
        Of a file.

    Returns
    -------
    bool
        False where numbers differ by less than `SPREAD`, so that any would keep it.
    """
    n, values = entries.n, entries.values
    if n < FEWEST or n > DENSE_LIMIT or values.size < n * (n - 1) or values.min() <= 0:
        return False
    if values.max() <= SPREAD * values.min():
        return False
    dense = np.zeros((n, n))
    dense[entries.rows, entries.columns] = values
    np.fill_diagonal(dense, 0.0)
    if not np.allclose(dense, dense.T, rtol=1e-6):
        return False
    rounding = ROUNDED * float(values.max())
    return all(bool((dense <= dense[:, [k]] + dense[[k], :] + rounding).all()) for k in range(min(n, TRIED)))


def _meant(entries: Entries, source: WeightsSource, notes: list[str]) -> Entries:
    """Return the entries as weights, where the file may hold distances."""
    if not source.values and (entries.distances or looks_like_distances(entries)):
        raise WeightsError(
            f"{entries.file} may hold distances or weights.",
            expected="values: weights, binary or inverse_distance",
            found=f"numbers from {entries.values.min():g} to {entries.values.max():g}",
            remedy="numbers that keep the triangle inequality, or a GWT file, are usually distances",
        )
    if source.values == "binary":
        notes.append("every link counts one, as values: binary says")
        return replace(entries, values=np.ones_like(entries.values))
    if source.values == "inverse_distance":
        off = entries.rows != entries.columns
        if (entries.values[off] <= 0).any():
            raise WeightsError(
                f"{entries.file} holds distances that are not positive.", expected="distances > 0"
            )
        notes.append("weights are inverse distances, as values: inverse_distance says")
        return replace(
            entries, values=np.where(off, 1.0 / np.where(off, entries.values, 1.0), entries.values)
        )
    return entries


def _named(
    entries: Entries, source: WeightsSource, labels: Sequence[str], units: Units | None, notes: list[str]
) -> Entries:
    """Return the entries with the paper's ids as labels."""
    if entries.stated:
        entries = _with_unnamed(entries, source, labels, notes)
    found = tuple(_id_part(label, source.id_until) for label in entries.labels)
    if entries.labels and not entries.numbered and not source.order:
        return entries.labelled(_resolved(found, labels, units, entries.file))
    if entries.numbered and not source.order and set(found) == set(labels):
        return entries.labelled(found)
    if not source.order:
        raise _no_order(entries, labels)
    if entries.labels and not entries.numbered and set(found) & set(labels):
        raise WeightsError(
            f"{entries.file} has labels of its own.",
            expected="order: for files without labels only",
            found=f"labels such as {offenders(found, 3)}",
            remedy="leave order: out",
        )
    if len(source.order) != entries.n:
        raise WeightsError(
            f"order: does not fit {entries.file}.",
            expected=f"{entries.n} units, one for each row",
            found=f"{len(source.order)} units",
        )
    notes.append(f"rows are named by order: {offenders(source.order, 3)}")
    order = _resolved(source.order, labels, units, "order:")
    if entries.numbered:
        order = tuple(order[k] for k in numbering_order(entries.labels))
    return entries.labelled(order)


def _with_unnamed(
    entries: Entries, source: WeightsSource, labels: Sequence[str], notes: list[str]
) -> Entries:
    """Return the entries with the units that the file counts and has no line for."""
    if source.islands:
        return replace(entries, stated=0)
    lacking = [label for label in labels if label not in set(entries.labels)]
    if len(lacking) == entries.stated - entries.n and len(labels) == entries.stated:
        notes.append(f"without a line and so without neighbours: {offenders(lacking)}")
        return entries.with_islands(lacking)
    counts = [[str(i + start) for i in range(entries.stated)] for start in (0, 1)]
    fitting = [every for every in counts if set(entries.labels) <= set(every)]
    if source.order and len(fitting) == 1:
        lacking = [label for label in fitting[0] if label not in set(entries.labels)]
        return replace(entries.with_islands(lacking), numbered=True)
    doubt = "; whether they count from 0 or from 1 cannot be told" if len(fitting) == 2 else ""
    raise WeightsError(
        f"{entries.file} has lines for some of its units only.",
        expected=f"lines for all {entries.stated} units of its first line",
        found=f"{entries.n} units such as {offenders(entries.labels, 3)}{doubt}",
        remedy="name the others under islands:, or write a GAL file, which names every unit",
    )


def _id_part(label: str, until: str) -> str:
    return label.partition(until)[0].strip() if until else label


def _no_order(entries: Entries, labels: Sequence[str]) -> WeightsError:
    kind = "labels that only count its rows" if entries.numbered else "no labels"
    size = "" if entries.n == len(labels) else f"; the paper has {len(labels)} units"
    edges = "say form: edges if each row is a link, or " if entries.n <= LIST_WIDTH else ""
    return WeightsError(
        f"{entries.file} has {kind}.",
        expected="a label for each row and column, or order: with the unit of each row",
        found=f"{entries.form} of {entries.n} units{size}",
        remedy=f"{edges}write order: [first unit, second unit, ...] as the author of the file had them; "
        "nothing is aligned by position unasked",
    )


def _resolved(found: Sequence[str], labels: Sequence[str], units: Units | None, file: str) -> tuple[str, ...]:
    if units is None or set(found) <= set(labels):
        ids = tuple(found)
    else:
        match = units.match(found)
        match.raise_unless_complete(file)
        ids = tuple(match.ids[name] for name in found)
    twice = sorted({label for label in ids if ids.count(label) > 1}) if len(set(ids)) < len(ids) else []
    if twice:
        raise WeightsError(f"{file} names units twice.", found=offenders(twice), expected="each unit once")
    return ids


def _without_diagonal(entries: Entries, source: WeightsSource, notes: list[str]) -> Entries:
    on = entries.rows == entries.columns
    if not on.any():
        return entries
    if not (entries.own_diagonal or source.diagonal == "drop"):
        raise WeightsError(
            f"{entries.file} has weights on its diagonal.",
            expected="zero: a unit is not its own neighbour",
            found=_shown(entries, np.flatnonzero(on)),
            remedy="set them to zero, or say diagonal: drop",
        )
    notes.append(f"{int(on.sum())} entries of the diagonal dropped")
    return replace(entries, rows=entries.rows[~on], columns=entries.columns[~on], values=entries.values[~on])


def _both_ways(entries: Entries, source: WeightsSource, notes: list[str]) -> Entries:
    """Return a list of links that gives each pair once with links in both directions, where meant."""
    if entries.form != "list of links" or source.symmetric is False or not entries.values.size:
        return entries
    pairs = set(zip(entries.rows.tolist(), entries.columns.tolist(), strict=True))
    returned = sum((j, i) in pairs for i, j in pairs)
    if returned == len(pairs):
        return entries
    if source.symmetric is None and returned == 0:
        raise WeightsError(
            f"{entries.file} gives each pair once.",
            expected="links in both directions, or symmetric: true or false",
            found=f"{len(pairs)} links, none of them with its return",
            remedy="say symmetric: true if a link goes both ways",
        )
    if source.symmetric is None:
        return entries
    if returned:
        raise WeightsError(
            f"{entries.file} gives {returned // 2} pairs in both directions, others in one.",
            expected="each pair once, or each in both directions",
            remedy="complete the file, or leave symmetric: out to take the links as they stand",
        )
    notes.append("each link goes both ways, as symmetric: true says")
    return replace(
        entries,
        rows=np.concatenate([entries.rows, entries.columns]),
        columns=np.concatenate([entries.columns, entries.rows]),
        values=np.concatenate([entries.values, entries.values]),
    )


def _shown(entries: Entries, places: NDArray[np.intp]) -> str:
    labels, rows, columns = entries.labels, entries.rows, entries.columns
    return offenders(f"({labels[rows[p]]}, {labels[columns[p]]}) = {entries.values[p]:g}" for p in places)


def _check_absurd(entries: Entries, source: WeightsSource) -> None:
    """Refuse numbers that are no weights, also where their rows sum to one."""
    values = entries.values
    if not values.size:
        raise WeightsError(f"{entries.file} links no units.", expected="at least one weight that is not zero")
    if not np.isfinite(values).all():
        raise WeightsError(f"{entries.file} holds entries that are not finite.", expected="finite numbers")
    sums = np.bincount(entries.rows, weights=values, minlength=entries.n)
    linked = np.bincount(entries.rows, minlength=entries.n) > 0
    unit_sums = bool(linked.any()) and bool(np.abs(sums[linked] - 1.0).max() <= ROUNDED)
    negative = values < 0
    if negative.any() and (unit_sums or not source.signed):
        places = np.flatnonzero(negative)
        hidden = " although every row sums to one" if unit_sums else ""
        before = "go back to the matrix before standardising: differences of levels need their absolute value"
        meant = "mend the entries, or say signed: true if negative weights are meant"
        raise WeightsError(
            f"{entries.file} has negative weights{hidden}.",
            expected="weights that are not negative",
            found=f"{len(places)} of {values.size} entries: {_shown(entries, places)}",
            remedy=before if unit_sums else meant,
        )
    size = np.abs(values)
    if size.size and size.max() > LARGEST_RATIO * np.median(size):
        raise WeightsError(
            f"{entries.file} has a weight that cannot be compared with the others.",
            expected=f"at most {LARGEST_RATIO:g} times the median weight of {np.median(size):g}",
            found=_shown(entries, np.array([size.argmax()])),
            remedy="mend the entry",
        )


def _weights(entries: Entries, source: WeightsSource) -> Weights:
    from scipy.sparse import csr_array

    places = (entries.rows, entries.columns)
    matrix: Any = csr_array((entries.values, places), shape=(entries.n, entries.n))
    if entries.n <= DENSE_LIMIT:
        matrix = matrix.toarray()
    definition = {"file": source.path, "form": entries.form}
    return Weights(matrix, entries.labels, "file", signed=source.signed, definition=definition)


def _facts(entries: Entries, weights: Weights) -> dict[str, str]:
    sums = weights.row_sums[weights.cardinalities > 0]
    spread = f"{sums.min():g} to {sums.max():g}" if sums.size else "none"
    deviation = float(np.abs(sums - 1.0).max()) if sums.size else 1.0
    standardised = " (row-standardised)" if deviation <= ROUNDED else ""
    return {
        "form": entries.form,
        "units": f"{weights.n} ({offenders(weights.labels, 3)})",
        "links": f"{weights.nonzero}, {weights.cardinalities.min()} to {weights.cardinalities.max()} a unit",
        "weights": f"{entries.values.min():g} to {entries.values.max():g}" if entries.values.size else "none",
        "row sums": spread + standardised,
        "symmetric": _symmetry(weights.to_sparse()),
        "islands": offenders(weights.islands) or "none",
    }


def _symmetry(matrix: Any) -> str:
    difference = abs(matrix - matrix.T)
    if not difference.nnz or difference.max() <= 1e-12 * abs(matrix).max():
        return "yes"
    pattern = (matrix != 0).astype(np.int8)
    return "links yes, weights no" if abs(pattern - pattern.T).nnz == 0 else "no"


def _aligned(weights: Weights, labels: Sequence[str], source: WeightsSource, notes: list[str]) -> Weights:
    here, there = set(labels), set(weights.labels)
    missing = [label for label in labels if label not in there]
    surplus = [label for label in weights.labels if label not in here]
    if missing or (surplus and not source.subset):
        parts = [f"missing in the file: {offenders(missing)}"] if missing else []
        parts += [f"not in the paper: {offenders(surplus)}"] if surplus else []
        remedy = "say subset: true to drop units that the paper has not" if not missing else ""
        if missing and not surplus:
            remedy = "name a sample that the file covers, or those without neighbours under islands:"
        raise AlignmentError(
            f"{source.path} names other units than the paper.",
            expected=f"{len(labels)} units such as {offenders(labels, 3)}",
            found=f"{weights.n} units; {'; '.join(parts)}",
            remedy=remedy or did_you_mean(missing[0], surplus) or "name a sample that the file covers",
        )
    if surplus:
        notes.append(f"{len(surplus)} units dropped as subset: true says: {offenders(surplus)}")
        weights = weights.subset(tuple(labels))
    return weights.reindex(tuple(labels))


@dataclass(frozen=True, eq=False)
class WeightsGuess:
    """What was understood of a file of weights.

    Parameters
    ----------
    source : WeightsSource
        The proposal, to be edited.
    facts : mapping of str to str
        Form, number of units and labels.
    questions : tuple of str
        What the file does not say and its owner must.
    """

    source: WeightsSource
    facts: Mapping[str, str]
    questions: tuple[str, ...] = ()

    def __str__(self) -> str:
        width = max(map(len, self.facts))
        lines = [f"  {name.ljust(width)}  {value}" for name, value in self.facts.items()]
        return "\n".join([self.source.path, *lines, *(f"  ? {question}" for question in self.questions)])


def guess_weights(
    path: str, labels: Sequence[str] = (), *, data: bytes | None = None, units: Units | None = None
) -> WeightsGuess:
    """Propose how a file of weights is to be read.

    Parameters
    ----------
    path : str
        File; its ending says what kind it is.
    labels : sequence of str
        Ids of the paper's units; by default those of the file.
    data : bytes, optional
        Content of the file, where it is at hand already.
    units : Units, optional
        Table of units that names in the file are resolved by.

    Returns
    -------
    WeightsGuess
        A source to edit, what was understood, and what must be asked.

    Raises
    ------
    WeightsError
        If the file holds no weights that can be read.
    """
    source = WeightsSource(path)
    content = load(path, data)
    entries = entries_of(source, content)
    try:
        reading = read_weights(source, labels or entries.labels, data=content.data, units=units)
    except (WeightsError, AlignmentError) as error:
        facts = {
            "form": entries.form,
            "units": f"{entries.n} ({offenders(entries.labels, 3) or 'no labels'})",
            "links": str(entries.values.size),
        }
        return WeightsGuess(source, MappingProxyType(facts), (str(error),))
    return WeightsGuess(source, reading.facts)
