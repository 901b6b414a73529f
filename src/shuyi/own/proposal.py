"""A proposal of a paper from a user's files: units, variables, weights and boundaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from shuyi.errors import DataError, ShuyiError, offenders
from shuyi.own.boundaries import read_boundaries, read_layer
from shuyi.readers import Guess, guess
from shuyi.readers.names import text_of
from shuyi.units import Unit, Units
from shuyi.weights.readers import WeightsGuess, guess_weights

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.readers import Reading

MOST_REGRESSORS = 3
"""Regressors of the first proposal; more are for its owner to add."""
COLLINEAR = 0.999
"""Absolute correlation within units and years beyond which a variable adds nothing to another."""
FEWEST = 5
"""Units and years below which there is nothing to estimate."""
NEAREST = 5
"""Neighbours by distance beside those whose outlines touch."""
COVERED = 0.75
"""Share of the best covered variable's units that a variable must have in every year to be proposed."""


@dataclass(frozen=True, eq=False)
class Proposal:
    """What was understood of a user's files.

    Parameters
    ----------
    panel : Guess
        Layout of the file of figures.
    units : Units
        Units with a figure in every year of the variables chosen.
    left_out : tuple of str
        Units without, which the paper skips.
    years : tuple of int
        First to last.
    outcome : str
        Variable that is explained.
    regressors : tuple of str
        Others that are complete.
    columns : mapping of str to str
        Name in the paper by title in the file.
    weights : mapping
        Entries of the configuration by name.
    boundaries : mapping or None
        Entry of the configuration.
    facts : tuple of (str, str)
        What was understood, row by row.
    """

    panel: Guess
    units: Units
    left_out: tuple[str, ...]
    years: tuple[int, ...]
    outcome: str
    regressors: tuple[str, ...]
    columns: Mapping[str, str]
    weights: Mapping[str, Mapping[str, Any]]
    boundaries: Mapping[str, Any] | None
    facts: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        width = max(len(name) for name, _ in self.facts)
        return "\n".join([str(self.panel), "the paper", *(f"  {n.ljust(width)}  {v}" for n, v in self.facts)])


def propose(
    panel: str, *, weights: str = "", boundaries: str = "", crs: str = "", order: str = ""
) -> Proposal:
    """Propose a paper from a file of figures and, where there are any, of weights and boundaries.

    Parameters
    ----------
    panel, weights, boundaries : str
        Paths; empty where there is no such file.
    crs : str, default ""
        Coordinate system of boundaries that state none.
    order : {"", "panel"}, default ""
        Whether rows of weights without labels are the panel's units in its order, on the user's word.

    Returns
    -------
    Proposal
        To be edited.

    Raises
    ------
    DataError
        With what must be asked, if the layout cannot be told or too little is left to estimate.
    """
    found = guess(panel)
    if found.reading is None or found.questions:
        raise DataError(
            f"The layout of {panel} cannot be told.\n{found}", remedy="write the section `subject` by hand"
        )
    frame = _by_year(found.reading)
    chosen = _chosen(frame)
    complete, left_out = _complete(frame, chosen)
    units = _units(complete, found.reading)
    entry = _boundary_entry(boundaries, units, crs) if boundaries else None
    entries, asked = _weights(weights, units, boundaries=bool(boundaries), order=order)
    years = sorted({int(p) for p in frame.index.get_level_values(1)})
    names = {title: _name(title) for title in frame.columns}
    outcome, *regressors = (names[v] for v in chosen)
    facts = [
        ("units", f"{len(units)} with a figure in every year ({offenders((u.name for u in units), 3)})"),
        *([("left out", f"{len(left_out)} units with gaps: {offenders(left_out, 5)}")] if left_out else []),
        ("years", f"{years[0]} to {years[-1]}"),
        ("outcome", f"{outcome}: edit config/specifications.csv"),
        ("regressors", ", ".join(regressors)),
        *((f"weights {name}", text) for name, text in asked.items()),
        ("boundaries", f"{entry['path']}, ids in {entry['id']!r}" if entry else "none: no maps"),
    ]
    return Proposal(
        found, units, left_out, tuple(years), outcome, tuple(regressors), names, entries, entry, tuple(facts)
    )


def _by_year(reading: Reading) -> pd.DataFrame:
    kinds = {period.frequency for period in reading.periods}
    if not kinds <= {"year", "index"}:
        raise DataError(
            "The workflow runs on years.", found=f"periods by {', '.join(kinds)}", remedy="add up to years"
        )
    return reading.frame.set_axis(
        reading.frame.index.set_levels([int(p) for p in reading.frame.index.levels[1]], level=1)
    )


def _chosen(frame: pd.DataFrame) -> list[str]:
    """Return the best covered variables that differ within units and years, the outcome first."""
    table = frame.unstack()
    shares = {v: float(table[v].notna().all(axis=1).mean()) for v in frame.columns}
    best = max(shares.values())
    covered = [v for v, share in shares.items() if share >= COVERED * best > 0]
    rows = table[covered].notna().all(axis=1)
    kept: list[str] = []
    residuals: list[Any] = []
    for variable in covered if rows.any() else ():
        values = table.loc[rows, variable].to_numpy()
        within = values - values.mean(0) - values.mean(1)[:, None] + values.mean()
        if not np.isfinite(within).all() or np.ptp(within) <= 1e-9 * max(1.0, float(np.abs(values).max())):
            continue
        flat = within.ravel()
        if any(abs(np.corrcoef(r, flat)[0, 1]) > COLLINEAR for r in residuals):
            continue
        kept.append(variable)
        residuals.append(flat)
    if len(kept) < 2:
        raise DataError(
            "Too few variables differ over both units and years.",
            expected="an outcome and a regressor, each with a figure for the same units in every year",
            found=offenders(kept) or "none",
        )
    return kept[: 1 + MOST_REGRESSORS]


def _complete(frame: pd.DataFrame, chosen: Sequence[str]) -> tuple[list[str], tuple[str, ...]]:
    full = frame[list(chosen)].unstack().notna().all(axis=1)
    order = list(dict.fromkeys(frame.index.get_level_values(0)))
    complete = [unit for unit in order if full[unit]]
    years = frame.index.get_level_values(1).nunique()
    if len(complete) < FEWEST or years < FEWEST - 2:
        raise DataError(
            "Too little of the panel is complete.",
            expected=f"{FEWEST} units with figures in each of {FEWEST - 2} years or more",
            found=f"{len(complete)} units, {years} years",
        )
    return complete, tuple(unit for unit in order if not full[unit])


def _units(names: Sequence[str], reading: Reading) -> Units:
    """Return a table of units: the names of the file, without blanks as ids."""
    return Units(
        tuple(
            Unit(_id(name), str(reading.names.get(name, name)), aliases=() if _id(name) == name else (name,))
            for name in names
        )
    )


def _id(name: str) -> str:
    return "_".join(name.split())


def _name(title: str) -> str:
    """Return a name for a variable from a title: letters, digits and _, a letter first."""
    plain = "".join(c if c.isalnum() else "_" for c in title.strip()).strip("_")
    return plain if plain[:1].isalpha() else f"x_{plain}"


def _boundary_entry(path: str, units: Units, crs: str) -> dict[str, Any]:
    """Return the entry whose column of ids or names holds the most units."""
    frame = read_layer({"path": path})
    found: dict[tuple[str, int], int] = {}
    widths = sorted({0, *(len(u) for u in units.ids if u.isdigit())})
    for column in frame.columns.drop(frame.geometry.name):
        for width in widths:
            texts = [t.zfill(width) if t.isdigit() else t for t in map(text_of, frame[column])]
            found[str(column), width] = len(set(units.match(t for t in texts if t).ids.values()))
    (column, width), count = max(found.items(), key=lambda item: item[1])
    if count < len(units):
        raise DataError(
            f"No column of {path} names every unit of the panel.",
            expected=f"ids or names of {len(units)} units, such as {offenders(units.ids, 3)}",
            found=f"{column!r} names {count}: {offenders(map(text_of, frame[column]), 3)}",
            remedy="give the panel and the boundaries one kind of id",
        )
    entry: dict[str, Any] = {"path": path, "id": column}
    entry |= {"id_width": width} if width else {}
    entry |= {"crs": crs} if crs else {}
    read_boundaries(entry, units)
    return entry


def _weights(
    path: str, units: Units, *, boundaries: bool, order: str
) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Return the entries of the weights and what was understood of each."""
    tail = {"islands": "keep", "normalisation": "row"}
    if path:
        entry, understood = _file_entry(path, units, order)
        return {_name(PurePath(path).stem).lower(): {"kind": "file", **entry, **tail}}, {"file": understood}
    if boundaries:
        entries: dict[str, dict[str, Any]] = {
            "queen": {"kind": "queen", "links": [], "islands": "link", "normalisation": "row"},
            f"nearest_{NEAREST}": {"kind": "nearest_neighbours", "k": NEAREST, "normalisation": "row"},
        }
        return entries, {"queen": "outlines that touch; units alone are linked to the nearest"}
    raise DataError(
        "Nothing says which units are neighbours.",
        expected="--weights with a file of weights, or --boundaries with outlines",
        found="neither",
    )


def _file_entry(path: str, units: Units, order: str) -> tuple[dict[str, Any], str]:
    found: WeightsGuess = guess_weights(path, units.ids, units=units)
    said: dict[str, Any] = {}
    if found.questions and order == "panel":
        said = {"order": list(units.ids)}
    if found.questions and not said:
        raise DataError(
            f"The weights in {path} cannot be aligned with the panel.\n{found}",
            remedy="say --order panel if the rows are the panel's units in its order, or name them",
        )
    from shuyi.weights import Sources, build_weights

    entry = {"path": path, **said}
    try:
        built = build_weights({"kind": "file", **entry, "islands": "keep"}, Sources(units.ids, units=units))
    except ShuyiError as error:
        raise DataError(f"The weights in {path} cannot be used.\n{error}") from None
    return entry, f"{path}: {len(built.labels)} units, {len(built.islands)} without neighbours"
