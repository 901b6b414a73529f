"""The units of a paper: a table of ids, names and groupings, and the resolving of names that data files use.

Ids are text and keep their leading zeros. A name that stands for two units is refused with both; a name of
another kind of unit (the city of a province) is not taken for the unit.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from shuyi.data.numerals import plain_number
from shuyi.errors import AlignmentError, DataError, did_you_mean, offenders

if TYPE_CHECKING:
    import pandas as pd

NEAREST = 3
"""Near names that a message offers."""

LISTED = 40
"""Problems and unknown names that a message lists; the rest are counted."""

MAX_LATITUDE, MAX_LONGITUDE = 90.0, 180.0
ALIAS_SEPARATOR = ";"
"""Between the aliases in one cell of a table of units."""


@dataclass(frozen=True)
class Unit:
    """One unit of a paper: a region, city, county, country.

    Parameters
    ----------
    id : str
        Identifier, as text; leading zeros count.
    name : str
        Name for tables and maps.
    name2 : str
        Name in the paper's second language; empty where there is none.
    aliases : tuple of str
        Further names and codes that data files use.
    parent : str
        Name or id of the unit that holds this one; tells units of one name apart.
    lon, lat : float or None
        Longitude and latitude in decimal degrees.
    groups : mapping of str to str
        Group by grouping column.
    valid_from, valid_to : int or None
        First and last year in which the unit exists; None where it has no bound.
    """

    id: str
    name: str
    name2: str = ""
    aliases: tuple[str, ...] = ()
    parent: str = ""
    lon: float | None = None
    lat: float | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    valid_from: int | None = None
    valid_to: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", MappingProxyType(dict(self.groups)))

    def __str__(self) -> str:
        held = f", {self.parent}" if self.parent else ""
        return f"{self.name} ({self.id}{held})"

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that denotes the unit, without its id and without repetition."""
        return tuple(dict.fromkeys(n for n in (self.name, self.name2, *self.aliases) if n))

    def exists_in(self, year: int) -> bool:
        """Return whether the unit exists in a year.

        Parameters
        ----------
        year : int
            Calendar year.

        Returns
        -------
        bool
            True between its first and last year, both included.
        """
        return (self.valid_from or -math.inf) <= year <= (self.valid_to or math.inf)


@dataclass(frozen=True)
class Unknown:
    """A name that could not be resolved.

    Parameters
    ----------
    name : str
        As it stands in the data.
    reason : str
        ``no unit bears this name`` or the units that it may stand for.
    nearest : tuple of str
        Nearest known names, each with its id.
    """

    name: str
    reason: str
    nearest: tuple[str, ...] = ()

    def __str__(self) -> str:
        near = f"; nearest: {' or '.join(self.nearest)}" if self.nearest else ""
        return f"{self.name!r}: {self.reason}{near}"


@dataclass(frozen=True, eq=False)
class Match:
    """How the names of a data set meet a table of units.

    Parameters
    ----------
    ids : mapping of str to str
        Id by name, for the names that were resolved.
    unknown : tuple of Unknown
        Names without a unit, or with several.
    absent : tuple of str
        Ids of the table that no name stands for.
    shared : mapping of str to tuple of str
        Several names of the data that stand for one id.
    """

    ids: Mapping[str, str]
    unknown: tuple[Unknown, ...]
    absent: tuple[str, ...]
    shared: Mapping[str, tuple[str, ...]]

    def raise_unless_complete(self, what: str) -> None:
        """Raise one error with every name that did not match.

        Parameters
        ----------
        what : str
            Where the names come from, for the message.

        Raises
        ------
        AlignmentError
            If a name is unknown or ambiguous.
        """
        if not self.unknown:
            return
        absent = f"; units without a row: {offenders(self.absent)}" if self.absent else ""
        raise AlignmentError(
            f"{what} names units that are not in the table of units.",
            expected="ids, names or aliases of the table of units",
            found=_listed(self.unknown) + absent,
            remedy="correct the names, add them as aliases, or leave the rows out",
        )


@dataclass(frozen=True, eq=False)
class Units:
    """A table of units.

    Parameters
    ----------
    units : tuple of Unit
        In the order of the paper; ids are distinct.
    endings : tuple of tuple of str
        Endings of names that say what kind of unit is meant, the equivalent ones together, for instance
        ``(("Province", "Prov."), ("City",))``. A name may lack its ending, but a name with an ending of
        another kind is another unit.

    Examples
    --------
    >>> units = Units((Unit("01", "Alba"), Unit("02", "Borea", aliases=("North",))))
    >>> units.resolve("north").id
    '02'
    """

    units: tuple[Unit, ...]
    endings: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        problems = _problems(self.units)
        if problems:
            raise DataError(
                f"The table of units has {len(problems)} problem(s).",
                expected="distinct ids, a name each, coordinates in degrees, years in order",
                found=_listed(problems),
                remedy="correct the table",
            )

    def __len__(self) -> int:
        return len(self.units)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self.units)

    def __contains__(self, key: object) -> bool:
        return key in self._by_id

    def __getitem__(self, key: str) -> Unit:
        if key not in self._by_id:
            raise DataError(
                f"There is no unit with the id {key!r}.",
                expected=f"one of {offenders(self.ids, 12)}",
                remedy=did_you_mean(str(key), self.ids),
            )
        return self._by_id[key]

    def __repr__(self) -> str:
        groupings = ", ".join(self.groupings) or "none"
        return f"<Units: {len(self)} ({offenders(self.ids, 3)}), groupings: {groupings}>"

    @property
    def ids(self) -> tuple[str, ...]:
        """Identifiers in the order of the table."""
        return tuple(unit.id for unit in self.units)

    @property
    def groupings(self) -> tuple[str, ...]:
        """Names of the grouping columns."""
        return tuple(dict.fromkeys(column for unit in self.units for column in unit.groups))

    @property
    def coordinates(self) -> dict[str, tuple[float, float]]:
        """(latitude, longitude) by id, for the units that have both."""
        return {u.id: (u.lat, u.lon) for u in self.units if u.lat is not None and u.lon is not None}

    def names(self, second: bool = False) -> dict[str, str]:
        """Return the display name of each unit by id.

        Parameters
        ----------
        second : bool
            Whether to give the name in the second language, where there is one.

        Returns
        -------
        dict
            Name by id.
        """
        return {u.id: (u.name2 or u.name) if second else u.name for u in self.units}

    def group(self, column: str) -> dict[str, str]:
        """Return the group of each unit in one grouping column, by id.

        Parameters
        ----------
        column : str
            Name of the grouping column.

        Returns
        -------
        dict
            Group by id; units without a group are left out.

        Raises
        ------
        DataError
            If there is no such column; the message lists those there are.
        """
        if column not in self.groupings:
            raise DataError(
                f"The table of units has no grouping {column!r}.",
                expected=f"one of {', '.join(self.groupings) or 'none: the table has no grouping columns'}",
                remedy=did_you_mean(column, self.groupings),
            )
        return {u.id: u.groups[column] for u in self.units if u.groups.get(column)}

    def valid_in(self, year: int) -> Units:
        """Return the units that exist in a year.

        Parameters
        ----------
        year : int
            Calendar year.

        Returns
        -------
        Units
            A shorter table, or the same units.
        """
        return replace(self, units=tuple(u for u in self.units if u.exists_in(year)))

    def resolve(self, name: object, *, parent: str | None = None, year: int | None = None) -> Unit:
        """Return the unit that an id or a name denotes.

        Case, accents' composition, spaces, hyphens, full stops and apostrophes do not matter; accents do.

        Parameters
        ----------
        name : object
            An id, a name, a name in the second language or an alias; whole numbers count as ids.
        parent : str, optional
            Name or id of the unit that holds it, where one name stands for several.
        year : int, optional
            Year in which the unit must exist.

        Returns
        -------
        Unit
            The one unit.

        Raises
        ------
        AlignmentError
            If no unit bears the name (the message offers the nearest), or several do (it names them all).
        """
        found = self._candidates(name, parent, year)
        if len(found) == 1:
            return found[0]
        unknown = self._unknown(_text(name), found)
        raise AlignmentError(
            f"The unit {_text(name)!r} is {'ambiguous' if found else 'unknown'}.",
            expected="an id, name or alias of the table of units",
            found=unknown.reason,
            remedy=_remedy(unknown, found),
        )

    def match(self, names: Iterable[object], *, parent: str | None = None, year: int | None = None) -> Match:
        """Return how names meet the table, without raising.

        Parameters
        ----------
        names : iterable
            Names as the data hold them; repeated names count once.
        parent : str, optional
            Name or id of the unit that holds all of them, where one name stands for several.
        year : int, optional
            Year in which the units must exist.

        Returns
        -------
        Match
            Ids by name, names without a unit, and units without a name.
        """
        ids: dict[str, str] = {}
        unknown = []
        for name in dict.fromkeys(_text(n) for n in names):
            found = self._candidates(name, parent, year)
            if len(found) == 1:
                ids[name] = found[0].id
            else:
                unknown.append(self._unknown(name, found))
        by_id: dict[str, list[str]] = {}
        for name, key in ids.items():
            by_id.setdefault(key, []).append(name)
        return Match(
            MappingProxyType(ids),
            tuple(unknown),
            tuple(key for key in self.ids if key not in by_id),
            MappingProxyType({key: tuple(some) for key, some in by_id.items() if len(some) > 1}),
        )

    @classmethod
    def from_rows(
        cls,
        rows: Iterable[Mapping[str, Any]],
        *,
        columns: Mapping[str, str] | None = None,
        groups: Sequence[str] = (),
        width: int = 0,
        endings: Sequence[Sequence[str]] = (),
    ) -> Units:
        """Build a table of units from rows.

        Parameters
        ----------
        rows : iterable of mappings
            One per unit. Several aliases in one cell are separated by ``;``.
        columns : mapping of str to str, optional
            Column that holds each of ``id, name, name2, aliases, parent, lon, lat, valid_from, valid_to``;
            by default the column of the same name.
        groups : sequence of str
            Columns that group the units.
        width : int
            Digits of an id; shorter ids of digits get their leading zeros back. 0 leaves ids as they are.
        endings : sequence of sequences of str
            See `Units`.

        Returns
        -------
        Units
            In the order of the rows.

        Raises
        ------
        DataError
            If a column is missing, or listing every row that makes no unit.
        """
        listed = [dict(row) for row in rows]
        places = {f: (columns or {}).get(f, f) for f in _FIELDS}
        _check_absent(listed, [*(places[f] for f in ("id", *(columns or {}))), *groups])
        units = tuple(_unit(row, places, groups, width) for row in listed)
        return cls(units, tuple(tuple(kind) for kind in endings))

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, **options: Any) -> Units:
        """Build a table of units from a frame, one row per unit.

        Parameters
        ----------
        frame : DataFrame
            Read as text where ids have leading zeros.
        **options
            As in `from_rows`.

        Returns
        -------
        Units
            In the order of the rows.
        """
        return cls.from_rows(frame.to_dict("records"), **options)

    @cached_property
    def _by_id(self) -> dict[str, Unit]:
        return {unit.id: unit for unit in self.units}

    @cached_property
    def _by_name(self) -> dict[str, tuple[Unit, ...]]:
        found: dict[str, dict[str, Unit]] = {}
        for unit in self.units:
            for name in unit.names:
                for key in {_normal(name), self._stem(_normal(name))[0]}:
                    found.setdefault(key, {})[unit.id] = unit
        return {key: tuple(some.values()) for key, some in found.items()}

    @cached_property
    def _kinds(self) -> dict[str, set[int]]:
        stems = {u.id: {self._stem(_normal(name))[1] for name in u.names} for u in self.units}
        return {key: {kind for kind in kinds if kind is not None} for key, kinds in stems.items()}

    @cached_property
    def _endings(self) -> tuple[tuple[str, int], ...]:
        listed = [(_normal(e), kind) for kind, some in enumerate(self.endings) for e in some]
        return tuple(sorted(listed, key=lambda pair: -len(pair[0])))

    def _stem(self, key: str) -> tuple[str, int | None]:
        for ending, kind in self._endings:
            if key.endswith(ending) and key != ending:
                return key.removesuffix(ending), kind
        return key, None

    def _candidates(self, name: object, parent: str | None, year: int | None) -> tuple[Unit, ...]:
        text = _text(name)
        if text in self._by_id:
            found: tuple[Unit, ...] = (self._by_id[text],)
        else:
            key = _normal(text)
            exact = tuple(u for u in self._by_name.get(key, ()) if key in map(_normal, u.names))
            found = exact or self._by_stem(key)
        if year is not None:
            found = tuple(u for u in found if u.exists_in(year))
        if parent is not None:
            found = tuple(u for u in found if _normal(u.parent) == _normal(parent))
        return found

    def _by_stem(self, key: str) -> tuple[Unit, ...]:
        stem, kind = self._stem(key)
        found = self._by_name.get(stem, ())
        return tuple(u for u in found if kind is None or kind in self._kinds[u.id])

    def _unknown(self, name: str, found: Sequence[Unit]) -> Unknown:
        if found:
            return Unknown(name, f"may stand for {' and for '.join(map(str, found))}")
        return Unknown(name, "no unit bears this name", self._nearest(name))

    def _nearest(self, name: str) -> tuple[str, ...]:
        from difflib import get_close_matches

        key = self._stem(_normal(name))[0]
        inside = [k for k in self._by_name if key and (k.startswith(key) or key.startswith(k)) and k]
        near = get_close_matches(key, list(self._by_name), n=NEAREST, cutoff=0.5)
        units = dict.fromkeys(str(u) for k in (*near, *inside) for u in self._by_name[k])
        return tuple(units)[:NEAREST]


_FIELDS = ("id", "name", "name2", "aliases", "parent", "lon", "lat", "valid_from", "valid_to")


def _listed(items: Sequence[object]) -> str:
    more = f"\n    and {len(items) - LISTED} more" if len(items) > LISTED else ""
    return "".join(f"\n    {item}" for item in items[:LISTED]) + more


def _normal(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).casefold()
    return "".join(c for c in text if c.isalnum() or unicodedata.combining(c)) or text.strip()


def _text(name: object) -> str:
    if isinstance(name, float) and name.is_integer():
        return str(int(name))
    return str(name).strip(" \t\r\n\u00a0\u3000")


def _remedy(unknown: Unknown, found: Sequence[Unit]) -> str:
    if found:
        return "write the id, or give the parent"
    return f"did you mean {' or '.join(unknown.nearest)}?" if unknown.nearest else "add it as an alias"


def _check_absent(rows: Sequence[Mapping[str, Any]], needed: Sequence[str]) -> None:
    present = list(rows[0]) if rows else []
    absent = [column for column in dict.fromkeys(needed) if column not in present]
    if absent:
        raise DataError(
            "The table of units lacks columns." if rows else "The table of units is empty.",
            expected=f"columns {offenders(needed, 12)}",
            found=f"columns {offenders(present, 12) or 'none'}; missing: {offenders(absent)}",
            remedy=did_you_mean(absent[0], present),
        )


def _unit(row: Mapping[str, Any], places: Mapping[str, str], groups: Sequence[str], width: int) -> Unit:
    cells = {f: _cell(row.get(place)) for f, place in places.items()}
    key = cells["id"].zfill(width) if cells["id"].isdigit() else cells["id"]
    aliases = tuple(a.strip() for a in cells["aliases"].split(ALIAS_SEPARATOR) if a.strip())
    return Unit(
        key,
        cells["name"] or key,
        cells["name2"],
        aliases,
        cells["parent"],
        _float(cells["lon"]),
        _float(cells["lat"]),
        {column: _cell(row.get(column)) for column in groups},
        _year(cells["valid_from"]),
        _year(cells["valid_to"]),
    )


def _cell(value: Any) -> str:
    return "" if value is None or value != value else _text(value)


def _float(text: str) -> float | None:
    if not text:
        return None
    value = plain_number(text)
    return math.nan if value is None else value


def _year(text: str) -> int | None:
    value = _float(text)
    if value is None:
        return None
    return int(value) if value == value and value == int(value) else -1


def _problems(units: Sequence[Unit]) -> list[str]:
    problems = []
    seen: dict[str, Unit] = {}
    for row, unit in enumerate(units, 1):
        if not unit.id:
            problems.append(f"row {row} ({unit.name!r}) has no id")
        elif unit.id in seen:
            problems.append(f"the id {unit.id!r} stands for {seen[unit.id].name} and for {unit.name}")
        seen.setdefault(unit.id, unit)
        problems += _place_problems(unit)
    ids = set(seen)
    problems += [
        f"the alias {alias!r} of {unit} is the id of {seen[alias]}"
        for unit in units
        for alias in unit.aliases
        if alias in ids and alias != unit.id
    ]
    return problems


def _place_problems(unit: Unit) -> list[str]:
    problems = []
    for value, bound, axis in ((unit.lat, MAX_LATITUDE, "latitude"), (unit.lon, MAX_LONGITUDE, "longitude")):
        if value is not None and not abs(value) <= bound:
            swapped = "; longitude and latitude may be swapped" if axis == "latitude" else ""
            problems.append(f"{unit} has {axis} {value:g}, not within {-bound:g} to {bound:g}{swapped}")
    if unit.valid_from == -1 or unit.valid_to == -1:
        problems.append(f"{unit} has a first or last year that is no year")
    elif (unit.valid_from or -math.inf) > (unit.valid_to or math.inf):
        problems.append(f"{unit} ends in {unit.valid_to} before it begins in {unit.valid_from}")
    return problems
