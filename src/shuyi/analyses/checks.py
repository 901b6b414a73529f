"""Checks of settings that several analyses share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from shuyi.analyses.base import Draft
from shuyi.errors import offenders
from shuyi.schema import Problem, dotted, unknown_name

KeyPath = tuple[Any, ...]


def check_variables(draft: Draft, named: Iterable[tuple[KeyPath, str]]) -> list[Problem]:
    """Return the problems of variables that the panel does not have.

    Parameters
    ----------
    draft : Draft
        Configuration and sheet to check.
    named : iterable of (key path, name)
        Where a variable stands in the configuration; a name that is itself the key cannot be mended in place.

    Returns
    -------
    list of Problem
        Empty where every variable is known.
    """
    return [
        unknown_name(draft.file, dotted(path), name, draft.variables, None if path[-1] == name else path)
        for path, name in named
        if name not in draft.variables
    ]


def check_known_weights(draft: Draft, path: KeyPath) -> list[Problem]:
    """Return the problem of weights, named under a key path, that have no entry.

    Parameters
    ----------
    draft : Draft
        Configuration and sheet to check.
    path : tuple of object
        Keys of the weights' name.

    Returns
    -------
    list of Problem
        One or none.
    """
    name = _at(draft, path)
    known = tuple(draft.config["weights"])
    return [] if name in known else [unknown_name(draft.file, dotted(path), name, known, path)]


def check_row_weights(draft: Draft, path: KeyPath) -> list[Problem]:
    """Return the problem of weights that have no entry or are not row-standardised.

    Parameters
    ----------
    draft : Draft
        Configuration and sheet to check.
    path : tuple of object
        Keys of the weights' name.

    Returns
    -------
    list of Problem
        One or none.
    """
    name, unknown = _at(draft, path), check_known_weights(draft, path)
    if unknown or draft.config["weights"][name]["normalisation"] == "row":
        return unknown
    found = f"{name} (normalisation: {draft.config['weights'][name]['normalisation']})"
    return [Problem(draft.file, dotted(path), found, "weights with normalisation: row")]


def check_years(draft: Draft, section: str) -> list[Problem]:
    """Return the problems of a section's years outside the panel.

    Parameters
    ----------
    draft : Draft
        Configuration and sheet to check.
    section : str
        Top-level key that holds ``years``.

    Returns
    -------
    list of Problem
        Empty where every year lies in the panel.
    """
    first, last = draft.span
    return [
        Problem(draft.file, f"{section}.years", str(year), f"years of the panel, {first} to {last}")
        for year in draft.config[section]["years"]
        if not first <= year <= last
    ]


def check_names(draft: Draft, named: Iterable[tuple[KeyPath, str, Iterable[str]]]) -> list[Problem]:
    """Return the problems of names that are not among the ones allowed at their key path.

    Parameters
    ----------
    draft : Draft
        Configuration and sheet to check.
    named : iterable of (key path, name, allowed names)
        What stands where, and what could.

    Returns
    -------
    list of Problem
        Empty where every name is allowed.
    """
    return [
        unknown_name(draft.file, dotted(path), name, tuple(allowed), path)
        for path, name, allowed in named
        if name not in allowed
    ]


def check_covered(draft: Draft, analysis: str, columns: Iterable[str]) -> list[Problem]:
    """Return the problem of an analysis whose series are not there in every year of the panel.

    Parameters
    ----------
    draft : Draft
        Configuration and sheet to check, with the files of the project.
    analysis : str
        Id of the analysis.
    columns : iterable of str
        Series, variables and columns of the user's file that it needs.

    Returns
    -------
    list of Problem
        One or none; none without a project.
    """
    if draft.project is None:
        return []
    (first, last), spans = draft.span, draft.project.coverage
    short = []
    for name in dict.fromkeys(columns):
        if name in spans and not spans[name][0] <= first <= last <= spans[name][1]:
            short.append(f"{name} ({spans[name][0]}-{spans[name][1]})")
        elif name not in draft.variables and name not in draft.project.derivations.constants:
            short.append(name)
    if not short:
        return []
    found = f"{first} to {last}, which the analysis {analysis} has no figures for: {offenders(short)}"
    hint = f'or put "{analysis}" into analyses.off; what needs it is then off too'
    return [Problem(draft.file, "panel", found, "years that all series cover, or own columns", hint)]


def _at(draft: Draft, path: KeyPath) -> Any:
    found: Any = draft.config
    for key in path:
        found = found[key]
    return found
