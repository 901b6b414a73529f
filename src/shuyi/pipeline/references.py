"""Checks of what settings refer to: weights, files, samples and the variables of a user's file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from shuyi.analyses.names import SAFE, is_safe, path_problem, taken
from shuyi.china.places import PLACES
from shuyi.data.users import sample_to_paste
from shuyi.errors import ShuyiError, offenders
from shuyi.indices import INDEX
from shuyi.schema import Problem, dotted, unknown_name
from shuyi.weights import Sources, Weights, build_named

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.base import Analysis, Paper

RESULTS = "results"
CONFIG = "config/config.yaml"
SHEET = "config/specifications.csv"
RESERVED_WEIGHTS = {"summary": "results/weights/summary.csv describes them all"}
"""Names that weights cannot have, and why."""
PARTS = ("geographic", "economic")
"""Keys by which convex weights name other entries."""
LEVELS = ("economic_distance", "nested")
"""Kinds of weights that rest on a variable of the panel."""


def check_weights(config: Mapping[str, Any], variables: Sequence[str]) -> list[Problem]:
    """Check what the entries of the weights refer to.

    Parameters
    ----------
    config : mapping
        A configuration whose weights passed their schema.
    variables : sequence of str
        Known panel variables.

    Returns
    -------
    list of Problem
        Reserved names, unknown or circular parts of convex weights, unknown variables, bounds of bands that
        are not ordered, and files that cannot be read.
    """
    entries: Mapping[str, Mapping[str, Any]] = config["weights"]
    levels = [name for name in variables if not name.startswith(INDEX)]
    problems = [
        Problem(CONFIG, f"weights.{name}", "a name that is taken", f"another name: {RESERVED_WEIGHTS[name]}")
        for name in entries
        if name in RESERVED_WEIGHTS
    ]
    for name, entry in entries.items():
        place = ("weights", name)
        if entry["kind"] == "convex":
            problems += _check_parts(place, entry, entries)
        if entry["kind"] in LEVELS and entry["variable"] not in levels:
            path = (*place, "variable")
            problems.append(unknown_name(CONFIG, dotted(path), entry["variable"], levels, path))
        if entry["kind"] == "band" and entry["lower_km"] >= entry["upper_km"]:
            found = f"{entry['lower_km']} to {entry['upper_km']}"
            problems.append(Problem(CONFIG, dotted(place), found, "lower_km below upper_km"))
        if entry["kind"] == "file":
            problems += check_path(entry["path"], (*place, "path"))
    return problems


def built_weights(
    entries: Mapping[str, Mapping[str, Any]], sources: Sources
) -> tuple[dict[str, Weights], list[Problem]]:
    """Build the weights that rest on no level of the panel, and return why others cannot be built.

    Parameters
    ----------
    entries : mapping of str to mapping
        Entries of the weights that passed `check_weights`.
    sources : Sources
        Borders, coordinates, groups and users' tables.

    Returns
    -------
    built : dict of str to Weights
        Weights by name of the entry.
    problems : list of Problem
        One for each entry that its builder refuses, or that joins nobody.
    """
    built, problems = {}, []
    for name, entry in entries.items():
        if _rests_on_levels(entry, entries):
            continue
        try:
            built[name] = build_named(name, entries, sources)
        except ShuyiError as error:
            found = f"{error.what} {error.found}".strip()
            problems.append(Problem(CONFIG, f"weights.{name}", found, error.expected, error.remedy))
            continue
        if not built[name].nonzero:
            found = "weights that are all zero"
            problems.append(Problem(CONFIG, f"weights.{name}", found, "weights that join some provinces"))
    return built, problems


def check_isolated(run: Paper, built: Mapping[str, Weights]) -> list[Problem]:
    """Check that no sample takes all neighbours from a province whose weights refuse that.

    Parameters
    ----------
    run : Paper
        A checked configuration with its sheet.
    built : mapping of str to Weights
        Weights by name, as far as they are known.

    Returns
    -------
    list of Problem
        One for each row of the sheet that leaves a province without neighbours.
    """
    problems = []
    for row in run.sheet:
        excluded, weights = run.excluded(row.id), built.get(row.weights)
        if not excluded or weights is None or run.config["weights"][row.weights].get("islands") == "keep":
            continue
        kept = weights.subset([label for label in weights.labels if label not in excluded])
        alone = [label for label in kept.islands if label not in weights.islands]
        if alone:
            found = f"{row.sample!r}, which leaves {offenders(alone)} without a neighbour in {row.weights}"
            allowed = "a sample that leaves each province a neighbour, or weights with islands: keep"
            problems.append(Problem(SHEET, f"row {row.id}, column sample", found, allowed))
    return problems


def _rests_on_levels(entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]) -> bool:
    if entry["kind"] == "convex":
        return any(_rests_on_levels(entries[entry[part]], entries) for part in PARTS)
    return entry["kind"] in LEVELS


def _check_parts(
    place: tuple[str, str], entry: Mapping[str, Any], entries: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    others = [name for name in entries if name != place[1]]
    unknown = [
        unknown_name(CONFIG, dotted((*place, part)), entry[part], others, (*place, part))
        for part in PARTS
        if entry[part] not in others
    ]
    if unknown:
        return unknown
    circle = _circle(place[1], entries)
    if circle:
        return [
            Problem(CONFIG, dotted(place), " -> ".join(circle), "parts that do not lead back to the entry")
        ]
    return []


def _circle(start: str, entries: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the way from an entry back to itself through the parts of convex weights, or nothing."""
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop()
        entry = entries.get(way[-1], {})
        for part in PARTS if entry.get("kind") == "convex" else ():
            if entry[part] == start:
                return [*way, start]
            if entry[part] not in seen:
                seen.add(entry[part])
                ways.append([*way, entry[part]])
    return []


def check_path(text: str | None, path: tuple[Any, ...]) -> list[Problem]:
    """Check that a path of the configuration names a file that a run can read.

    Parameters
    ----------
    text : str or None
        The path; None where there is none.
    path : tuple
        Its key path.

    Returns
    -------
    list of Problem
        Empty if the file can be read, or there is none.
    """
    found = path_problem(text, RESULTS) if text is not None else None
    return [Problem(CONFIG, dotted(path), *found)] if found else []


def check_samples(config: Mapping[str, Any]) -> list[Problem]:
    """Check that samples leave out provinces that there are, and the sample of all none.

    Parameters
    ----------
    config : mapping
        A configuration whose samples passed their schema.

    Returns
    -------
    list of Problem
        One for each sample with a wrong code.
    """
    known = PLACES.codes
    problems = []
    for name, excluded in config["samples"].items():
        unknown = [code for code in excluded if code not in known]
        if unknown:
            allowed = f"GB/T 2260 codes of the {len(known)} provinces, such as {offenders(known, 3)}"
            problems.append(Problem(CONFIG, f"samples.{name}", offenders(unknown), allowed))
    if config["samples"]["all"]:
        problems.append(Problem(CONFIG, "samples.all", str(config["samples"]["all"]), "an empty list"))
    return problems


def check_sample_size(
    row: Mapping[str, str], config: Mapping[str, Any], place: str, file: str
) -> list[Problem]:
    """Check that the sample of a row has more provinces than the row has coefficients.

    Parameters
    ----------
    row : mapping
        One row of the specification sheet.
    config : mapping
        A configuration whose samples passed their schema.
    place, file : str
        For messages.

    Returns
    -------
    list of Problem
        Empty if the sample is large enough.
    """
    regressors, lagged = row["regressors"].split(), row["durbin"].split()
    count = {"all": len(regressors), "none": 0}.get(row["durbin"].strip(), len(lagged))
    needed = len(regressors) + count + 1
    units = len(PLACES.codes) - len(set(config["samples"].get(row["sample"], ())))
    if units > needed:
        return []
    found = f"{row['sample']!r} with {units} provinces"
    allowed = f"a sample of more than {needed} provinces, one more than the row's coefficients with rho"
    return [Problem(file, f"{place}, column sample", found, allowed)]


def check_gaps(
    run: Paper,
    analyses: Iterable[Analysis],
    table: pd.DataFrame,
    file: str,
    scheme: Mapping[str, Sequence[str]],
) -> list[Problem]:
    """Check that nothing of a run uses a cell of a user's file that is empty.

    Parameters
    ----------
    run : Paper
        A checked configuration with its sheet.
    analyses : iterable of Analysis
        Those that the run has.
    table : DataFrame
        As `shuyi.data.users.clean_user_table` returns it.
    file : str
        Path for messages.
    scheme : mapping of str to sequence of str
        Columns that each indicator of the configured index needs complete, by its id.

    Returns
    -------
    list of Problem
        One for each place that names a column with empty cells.
    """
    empty = {name: _empty_units(table[name]) for name in table.columns}
    gaps = {str(name): units for name, units in empty.items() if units}
    problems = []
    for row in run.sheet:
        kept = set(PLACES.codes) - set(run.excluded(row.id))
        for name in (row.outcome, *row.regressors):
            short = [unit for unit in gaps.get(name, ()) if unit in kept]
            if short:
                found = f"{row.sample!r}, for which {name} of {file} has no figure of {offenders(short)}"
                allowed = "a sample without provinces that lack a figure"
                left_out = [unit for unit in PLACES.codes if unit in short or unit not in kept]
                hint = sample_to_paste(left_out)
                problems.append(Problem(SHEET, f"row {row.id}, column sample", found, allowed, hint))
    named = [(dotted(p), v) for a in analyses for p, v in a.variables(run.config)]
    named += [(f"index.scheme (indicator {key})", v) for key, columns in scheme.items() for v in columns]
    allowed = "a column with a figure for every province and year of the panel"
    return problems + [
        Problem(CONFIG, place, f"{name}, for which {file} has no figure of {offenders(gaps[name])}", allowed)
        for place, name in named
        if name in gaps
    ]


def _empty_units(column: pd.Series) -> list[str]:
    return sorted(set(column[column.isna()].index.get_level_values("unit")))


def check_columns(file: str, columns: Iterable[str], held: Iterable[str]) -> list[Problem]:
    """Check the headings of a user's panel file.

    Parameters
    ----------
    file : str
        Path for messages.
    columns : iterable of str
        Headings without those of province and year.
    held : iterable of str
        Variables that the panel has without the file.

    Returns
    -------
    list of Problem
        One for each heading that is taken, and one for those that files cannot be named after.
    """
    columns, held = tuple(columns), set(held)
    unsafe = [column for column in columns if not is_safe(column)]
    reasons = {column: taken(column, INDEX, held) for column in columns if column not in unsafe}
    found = [Problem(file, "line 1", offenders(map(repr, unsafe)), f"headings of {SAFE}")] if unsafe else []
    if not columns:
        found = [Problem(file, "line 1", "no column beside province and year", "a column per variable")]
    return found + [
        Problem(file, "line 1", repr(column), f"another name: this is {reason}")
        for column, reason in reasons.items()
        if reason
    ]
