"""Checks of the section ``subject``: what a paper of one's own must say, before any file is opened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from shuyi.analyses.names import RESERVED, is_safe, path_problem, taken
from shuyi.data.derivations import Derivations
from shuyi.errors import ShuyiError
from shuyi.indices import INDEX
from shuyi.own.panel import variables_of
from shuyi.pipeline.subject import PROVINCES, derivations_of, is_own, units_of
from shuyi.readers import Source
from shuyi.readers.content import is_installed
from shuyi.schema import Problem, dotted

CONFIG = "config/config.yaml"
RESULTS = "results"
CORE = (
    "language",
    "seed",
    "analyses",
    "subject",
    "panel",
    "weights",
    "samples",
    "estimation",
    "tables",
    "maps",
)
"""Sections that every paper has; those of analyses may be left out of a paper of one's own."""
OF_PANEL = ("first_year", "last_year")
"""Keys of ``panel`` that a paper of one's own must have; the others belong to the provinces' figures."""
OWN_KEYS = ("sources", "derived", "borders", "boundaries", "caveats", "projection", "words", "credit")


def core_schema(schema: Mapping[str, Any], config: Any) -> Mapping[str, Any]:
    """Return the schema of the configuration, in which a paper of one's own may lack sections of analyses.

    Parameters
    ----------
    schema : mapping
        Of config/config.yaml.
    config : Any
        As it was read.

    Returns
    -------
    mapping
        Otherwise the same.
    """
    paper = config.get("subject") if isinstance(config, Mapping) else None
    if not isinstance(paper, Mapping) or "units" not in paper or not is_own(paper):
        return schema
    panel = {**schema["properties"]["panel"], "required": list(OF_PANEL)}
    return {**schema, "required": list(CORE), "properties": {**schema["properties"], "panel": panel}}


def known_variables(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the variables of a paper of one's own, as far as its section can be read.

    Parameters
    ----------
    config : mapping
        As it was read.

    Returns
    -------
    tuple of str
        Empty where sources or expressions have problems, which `check_own_paper` reports.
    """
    try:
        return variables_of(config["subject"])
    except (ShuyiError, KeyError, TypeError, AttributeError):
        return ()


def known_derivations(paper: Mapping[str, Any]) -> Derivations:
    """Return from which series the variables of a paper follow, as far as its section can be read.

    Parameters
    ----------
    paper : mapping
        The section ``subject`` of the configuration.

    Returns
    -------
    Derivations
        Empty where sources or expressions have problems, which `check_own_paper` reports.
    """
    try:
        return derivations_of(paper)
    except (ShuyiError, KeyError, TypeError, AttributeError):
        return Derivations()


def check_own_paper(config: Mapping[str, Any]) -> list[Problem]:
    """Check what the section ``subject`` says of units, sources, expressions and boundaries.

    Parameters
    ----------
    config : mapping
        A configuration whose section ``subject`` passed its schema.

    Returns
    -------
    list of Problem
        Empty for the shipped provinces.
    """
    paper = config["subject"]
    if not is_own(paper):
        return [
            Problem(CONFIG, f"subject.{key}", "a key", f"none: units: {PROVINCES} brings its own")
            for key in OWN_KEYS
            if paper.get(key)
        ]
    problems = [p for path, text in _paths(paper) for p in _path(text, path)]
    if not paper.get("sources"):
        allowed = "a list of files of figures: path, layout, unit_column, period_column, columns"
        problems.append(Problem(CONFIG, "subject.sources", "nothing", allowed))
    if problems:
        return problems
    return [*_units(paper), *_sources(paper)]


def _paths(paper: Mapping[str, Any]) -> Iterator[tuple[tuple[Any, ...], str]]:
    yield ("subject", "units", "path"), paper["units"].get("path", "")
    for i, entry in enumerate(paper.get("sources") or ()):
        yield ("subject", "sources", i, "path"), entry.get("path", "")
    for key in ("borders", "caveats"):
        if paper.get(key):
            yield ("subject", key), paper[key]
    if paper.get("boundaries"):
        yield ("subject", "boundaries", "path"), paper["boundaries"].get("path", "")


def _path(text: str, path: tuple[Any, ...]) -> list[Problem]:
    found = None if is_installed(text) else path_problem(text, RESULTS)
    return [Problem(CONFIG, dotted(path), *found)] if found else []


def _units(paper: Mapping[str, Any]) -> list[Problem]:
    try:
        units = units_of(paper)
    except ShuyiError as error:
        return [Problem(CONFIG, "subject.units", str(error), "a table of units that can be read")]
    odd = [unit for unit in units.ids if any(c.isspace() for c in unit)]
    return [
        *(
            Problem(CONFIG, "subject.units.groups", repr(name), "columns named with letters, digits and _")
            for name in units.groupings
            if not is_safe(name)
        ),
        *(Problem(CONFIG, "subject.units", f"the id {unit!r}", "ids without blanks") for unit in odd[:1]),
    ]


def _sources(paper: Mapping[str, Any]) -> list[Problem]:
    problems = []
    for i, entry in enumerate(paper["sources"]):
        place = f"subject.sources.{i}"
        try:
            Source.from_config(entry)
        except (ShuyiError, TypeError) as error:
            problems.append(Problem(CONFIG, place, str(error), "an entry that can be read"))
            continue
        if not entry.get("columns") and not entry.get("variable"):
            allowed = "columns: the variables to take and their names, or variable: for a file of one"
            problems.append(Problem(CONFIG, place, "neither columns nor variable", allowed))
    if problems:
        return problems
    try:
        names = variables_of(paper)
    except ShuyiError as error:
        return [Problem(CONFIG, "subject.derived", str(error), "expressions that can be read")]
    index = INDEX if INDEX in names else f"{INDEX} "
    return [
        Problem(CONFIG, "subject.sources", repr(name), f"another name: this is {reason}")
        for name in names
        if (reason := _taken(name, index))
    ]


def _taken(name: str, index: str) -> str:
    if not is_safe(name) and name not in RESERVED:
        return "no name of letters, digits and _, a letter first; files are named after variables"
    return taken(name, index)
