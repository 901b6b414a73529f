"""The typeset paper: the declaration of the analysis.

It has a job of its own (`workflow/rules/paper.smk`), which takes every table and figure of the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from shuyi.analyses.base import Analysis, Draft
from shuyi.analyses.names import path_problem
from shuyi.schema import Problem

LANGUAGE = "{language}"
"""Stands in the path of the template for the language of the run."""
RESULTS = "results"
TEMPLATE, BIBLIOGRAPHY, CSL = ".typ", ".bib", ".csl"


def paper_paths(config: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Return the files that the configuration names for the paper, each with the ending that it must have.

    Parameters
    ----------
    config : mapping
        The configuration.

    Returns
    -------
    dict of str to (str, str)
        Path and ending by key of the section; ``style`` only where it is a file.
    """
    section = config["paper"]
    named = {
        "template": (section["template"].replace(LANGUAGE, str(config["language"])), TEMPLATE),
        "bibliography": (section["bibliography"], BIBLIOGRAPHY),
    }
    style = section["style"] or ""
    return named | ({"style": (style, CSL)} if style.endswith(CSL) else {})


def _check(draft: Draft) -> list[Problem]:
    problems = []
    for key, (path, ending) in paper_paths(draft.config).items():
        found = path_problem(path, RESULTS)
        if not found and PurePosixPath(path).suffix != ending:
            found = repr(path), f"a file that ends in {ending}"
        problems += [Problem(draft.file, f"paper.{key}", *found)] if found else []
    return problems


ANALYSIS = Analysis("paper", check=_check, sections=("paper", "language"))
