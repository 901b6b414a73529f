"""The run that a configuration asks for, read from the project's files and checked."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shuyi import files
from shuyi.analyses.base import MissingSectionError, Project, is_result
from shuyi.analyses.names import path_problem
from shuyi.analyses.registry import ANALYSES, analyses_of, items_of, numbers_of
from shuyi.data.coverage import common_years, covered_variables, series_coverage, variable_coverage
from shuyi.data.users import check_headings, clean_user_table, named_columns
from shuyi.errors import ConfigError, DataError, did_you_mean, offenders
from shuyi.indices import INDEX, load_scheme
from shuyi.pipeline import records
from shuyi.pipeline.config import Run, checked_run
from shuyi.pipeline.integrity import check_data
from shuyi.pipeline.own_paper import known_derivations, known_variables
from shuyi.pipeline.references import built_weights, check_gaps, check_isolated
from shuyi.pipeline.subject import (
    PROVINCES,
    derivations_of,
    has_map,
    is_own,
    places_of,
    resolve_of,
    weights_sources,
)
from shuyi.schema import raise_problems, with_types, with_whole_numbers
from shuyi.strict import merged, parse_yaml

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.base import Analysis, Item
    from shuyi.indices import Scheme
    from shuyi.publish.labels import Labels
    from shuyi.spatialpanel.montecarlo import Settings


CONFIG = "config/config.yaml"
SHEET = "config/specifications.csv"
SCHEMA = "workflow/schemas/config.schema.yaml"
CODEBOOK = "data/snapshot/codebook.csv"
SHIPPED = {"units": PROVINCES}
"""The section ``subject`` of the provinces."""
SCHEMES = "config/indices"
SCHEME_SCHEMA = "workflow/schemas/index_scheme.schema.yaml"
SETS = "config/coordination.yaml"
LABELS = "config/labels"
VALIDATION = "config/validation.yaml"
VALIDATION_SCHEMA = "workflow/schemas/validation.schema.yaml"
RESULTS = "results"
PAGES = ("report", "monitor")
"""Pages of a whole year beside the tables and figures."""
KEYS = ("province", "year")
"""Columns of a user's panel file that say whose figures a row holds."""


def read_config(changes: Mapping[str, Any], further: Sequence[str] = ()) -> dict[str, Any]:
    """Return the configuration as its file says, with what the command line changes.

    Parameters
    ----------
    changes : mapping
        Keys given on the command line (``--config``).
    further : sequence of str
        Files given on the command line (``--configfile``), each of which changes what stands before it.

    Returns
    -------
    dict
        Plain data: nothing in the files is rendered, run or taken twice.

    Raises
    ------
    ConfigError
        If a file is no YAML, holds no keys, or holds a key twice (`shuyi.strict`).
    DataError
        If a file is missing.
    """
    config: Any = files.read_mapping(CONFIG)
    for path in further:
        config = merged(config, files.read_mapping(path))
    return dict(merged(config, with_types(changes, files.read_mapping(files.shipped(SCHEMA)))))


def load_run(config: Mapping[str, Any]) -> Run:
    """Check the configuration against the project's files and return the run.

    Parameters
    ----------
    config : mapping
        The parsed configuration; all other files are read from the working folder.

    Returns
    -------
    Run
        The configuration, its whole numbers as such, with everything that follows from it.

    Raises
    ------
    ConfigError
        With every problem at once.
    DataError
        If a file that the configuration names is missing, or results cannot be written.
    """
    records.check_writable(RESULTS)
    schema = files.read_mapping(files.shipped(SCHEMA))
    config = with_whole_numbers(config, schema)
    if is_own(_subject_of(config)):
        coverage, own = {}, (*known_variables(config), *_index_names(config))
    else:
        check_data()
        coverage, own = coverage_of(config), _user_columns(config)
        _check_columns(config, (*coverage, *own))
    run = checked_run(
        config,
        files.read_rows(SHEET),
        schema,
        schemes=scheme_names(),
        coverage=coverage,
        own_variables=own,
        sets=set_names(),
        dimensions=_dimensions(config),
        project=Project(
            files.read_mapping,
            lambda path: Path(path).is_file(),
            read_schemes(),
            known_derivations(_subject_of(config)),
            coverage,
        ),
    )
    if run.is_own:
        return with_analyses(run)
    names = derivations_of(run.subject).names
    covered = covered_variables(coverage, names, run.years[0], run.years[-1])
    _check_weights(run)
    return _with_notes(with_analyses(replace(run, covered_variables=covered)))


def _subject_of(config: Any) -> Mapping[str, Any]:
    """Return the section ``subject``, as far as it can be read; the provinces where it cannot."""
    found = setting(config, "subject")
    return found if _has(found, "units") else SHIPPED


def _check_weights(run: Run) -> None:
    sources = weights_sources(run.subject, run.borders, None, run.weights_files)
    built, problems = built_weights(run.config["weights"], sources)
    raise_problems([*problems, *check_isolated(run, built)], run.config)


def _with_notes(run: Run) -> Run:
    """Read the user's files as the job will, and return the run with what is to be said of them."""
    notes, problems = [], []
    for path in run.user_files:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            table = _user_table(path, run.years)
        notes += [f"{path}: {warning.message}" for warning in caught]
        problems += check_gaps(run, run.analyses, table, path, _needed_columns(run.config["index"]["scheme"]))
    raise_problems(problems, run.config)
    return replace(run, notes=tuple(notes))


def _user_table(path: str, years: Sequence[int]) -> pd.DataFrame:
    with _naming(path):
        return clean_user_table(
            files.read_csv_text(path),
            units=places_of(SHIPPED).codes,
            resolve=resolve_of(SHIPPED),
            years=years,
        )


@contextmanager
def _naming(path: str) -> Iterator[None]:
    """Add the path of a user's file to what is wrong with it."""
    try:
        yield
    except DataError as error:
        what = error.what if path in error.what else f"{path}: {error.what}"
        details = {"expected": error.expected, "found": error.found, "remedy": error.remedy}
        raise DataError(f"{what} No job was started.", **details) from None


def _needed_columns(scheme: str) -> dict[str, tuple[str, ...]]:
    """Return the columns of each indicator of a scheme in which no cell counts as zero."""
    content = _scheme(scheme) or {"dimensions": []}
    indicators = [i for dimension in content["dimensions"] for i in dimension["indicators"]]
    return {
        i["id"]: tuple(i[key] for key in ("numerator", "denominator") if i.get(key))
        for i in indicators
        if not i["missing"]["zero"]
    }


def with_analyses(run: Run) -> Run:
    """Return a run with its analyses, their tables and figures, and the numbers of these.

    Parameters
    ----------
    run : Run
        A checked configuration with its sheet.

    Returns
    -------
    Run
        Otherwise the same.
    """
    on, off = analyses_of(run, lambda path: Path(path).is_file())
    if not has_map(run.subject):
        off |= {a.id: f"The analysis {a.id} is off: units have no place on a map." for a in on if a.on_map}
        on = tuple(without_maps(analysis) for analysis in on if not analysis.on_map)
    items = tuple(items_of(run, on))
    check_unique(items, numbers_of(items))
    return replace(run, analyses=on, off=off, items=items, numbers=numbers_of(items))


def without_maps(analysis: Analysis) -> Analysis:
    """Return an analysis whose maps are left out, for papers whose units have no place on a map.

    Parameters
    ----------
    analysis : Analysis
        A declaration.

    Returns
    -------
    Analysis
        With its tables and figures alone.
    """
    return replace(analysis, items=lambda paper: tuple(i for i in analysis.items(paper) if i.kind != "map"))


def check_unique(items: Sequence[Item], numbers: Mapping[str, str]) -> None:
    """Raise ConfigError if two tables or figures would have one name or one target.

    Parameters
    ----------
    items : sequence of Item
        Tables, figures and maps of a run.
    numbers : mapping of str to str
        Their numbers by name.

    Raises
    ------
    ConfigError
        If two tables or figures share a name or a number.
    """
    targets = [target for item in items for target in (item.name, target_of(item, numbers))]
    twice = sorted({target for target in targets if targets.count(target) > 1})
    if twice:
        raise ConfigError(
            "Two tables or figures would have one name.",
            expected="another name for the table, variable or set that one of them is named after",
            found=offenders(twice),
            remedy=f"rename it in {CONFIG} or {SHEET}",
        )


def target_of(item: Item, numbers: Mapping[str, str]) -> str:
    """Return the target of a table or figure by its number, such as ``table8``.

    Parameters
    ----------
    item : Item
        A table, figure or map.
    numbers : mapping of str to str
        Number of each item by name.

    Returns
    -------
    str
        Such as ``table8``.
    """
    return f"{'table' if item.kind == 'table' else 'figure'}{numbers[item.name]}"


def check_inputs(inputs: Mapping[str, Sequence[str]], made: Callable[[str], bool]) -> None:
    """Raise DataError if a file that a rule reads neither exists nor is made by a rule.

    Parameters
    ----------
    inputs : mapping of str to sequence of str
        Files that each rule reads, by the rule's name; paths with wildcards are left to Snakemake.
    made : callable
        Whether a rule makes a file.

    Raises
    ------
    DataError
        If a file that the run needs is missing.
    """
    read = {file: rule for rule, paths in inputs.items() for file in paths if "{" not in file}
    missing = {
        file: rule
        for file, rule in read.items()
        if not (made(file) if is_result(file) else Path(file).is_file())
    }
    if missing:
        raise DataError(
            "Files that the run reads are missing; no job was started.",
            expected="every input of the run",
            found="; ".join(f"no {file} (rule {rule})" for file, rule in missing.items()),
            remedy="restore the files, or correct the paths in config/config.yaml",
        )


def off_targets(run: Run) -> dict[str, str]:
    """Return the targets that a run lacks because their analysis is off.

    Parameters
    ----------
    run : Run
        With its analyses.

    Returns
    -------
    dict of str to str
        The sentence that says why, by the name of an analysis, table or figure.
    """
    return {
        target: run.off[analysis.id]
        for analysis in ANALYSES
        if analysis.id in run.off
        for target in (analysis.id, *_item_names(analysis, run))
    }


def _item_names(analysis: Analysis, run: Run) -> list[str]:
    try:
        return [item.name for item in analysis.items(run)]
    except MissingSectionError:
        return []


def check_targets(
    targets: Iterable[str],
    known: Sequence[str],
    made: Callable[[str], bool],
    off: Mapping[str, str] | None = None,
) -> None:
    """Raise ConfigError if a target is neither the name of a rule nor a file.

    Parameters
    ----------
    targets : iterable of str
        As given on the command line.
    known : sequence of str
        Names of rules.
    made : callable
        Whether a rule makes a file.
    off : mapping of str to str, optional
        Why the run lacks a target, as `off_targets`.

    Raises
    ------
    ConfigError
        Naming the first unknown target, with the nearest that there is or the reason why it is off.
    """
    unknown = [target for target in targets if target not in known and not made(target)]
    if unknown and unknown[0] in (off or {}):
        raise ConfigError(
            f"There is no target {unknown[0]!r} in this run. {(off or {})[unknown[0]]}",
            remedy="take it out of analyses.off in config/config.yaml, or supply what is missing",
        )
    if unknown:
        alike = _numbered_like(unknown[0], known)
        near = "" if alike else did_you_mean(unknown[0], known)
        raise ConfigError(
            f"There is no target {unknown[0]!r}.",
            expected=f"one of {', '.join(alike)}"
            if alike
            else "the name or number of a table or figure, or the name of an analysis: table8 or "
            "effects, figure3 or index_map, an analysis such as convergence, report_2024, validation",
            remedy=near or "run `snakemake --list-target-rules` for all of them",
        )


def _numbered_like(target: str, known: Sequence[str]) -> list[str]:
    """Return the targets that differ from one by their number alone: table8, table14b for table99."""
    numbered = re.fullmatch(r"(\D+?)\d+[a-z]*", target)
    stem = re.escape(numbered[1]) if numbered else "(?!)"
    return [name for name in known if re.fullmatch(rf"{stem}\d+[a-z]*", name)]


def label_files() -> list[str]:
    """Return the files of words: the shipped ones, and those of a paper's own folder.

    Returns
    -------
    list of str
        Paths from the folder of the paper, its own last.
    """
    shared = files.PROJECT / "config/labels"
    own = sorted(path.as_posix() for path in Path("config/labels").glob("[!.]*.csv"))
    if shared.resolve() == Path("config/labels").resolve():
        return own
    return [*sorted(os.path.relpath(path) for path in shared.glob("[!.]*.csv")), *own]


def titles_of(run: Run, labels: Labels) -> dict[str, str]:
    """Return the title of each table and figure by name; a part's title ends with what it covers.

    Parameters
    ----------
    run : Run
        A checked configuration with its sheet.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    dict of str to str
        Title by name, pages last.
    """
    pages = {name: labels.text(f"{name}.title") for name in PAGES}
    sets = set_titles(labels.language)
    return {item.name: _title(item, labels, sets) for item in run.items} | pages


def _title(item: Item, labels: Labels, sets: Mapping[str, str]) -> str:
    title = labels.text(item.title_key)
    if not item.part_of:
        return title
    own = labels.texts.get(item.part) or sets.get(item.part)
    known = own or labels.term(item.part.rpartition(".")[2])
    return labels.text("table.part", title=title, part=known)


def load_validation() -> Settings:
    """Return the settings of the simulation study, checked.

    Returns
    -------
    Settings
        Cells in the order of the file.

    Raises
    ------
    ConfigError
        With every problem at once.
    DataError
        If a file is missing.
    """
    from shuyi.spatialpanel.montecarlo import load_settings

    return load_settings(
        files.read_mapping(VALIDATION), files.read_mapping(VALIDATION_SCHEMA), file=VALIDATION
    )


def scheme_names() -> tuple[str, ...]:
    """Return the names of the index schemes in config/indices; hidden files are none.

    Returns
    -------
    tuple of str
        In alphabetical order.
    """
    return tuple(sorted(path.stem for path in Path(SCHEMES).glob("[!.]*.yaml")))


def set_names() -> tuple[str, ...]:
    """Return the ids of the sets of systems, as far as their file gives them.

    Returns
    -------
    tuple of str
        In the order of the file.
    """
    if not Path(SETS).is_file():
        return ()
    sets = files.read_mapping(SETS).get("sets")
    return tuple(str(one["id"]) for one in sets if _has(one, "id")) if isinstance(sets, list) else ()


def set_titles(language: str) -> dict[str, str]:
    """Return the titles of the sets of systems in a language, by the key of their label.

    Parameters
    ----------
    language : str
        ``"en"`` or ``"zh"``.

    Returns
    -------
    dict of str to str
        Empty where their file is not as it should be.
    """
    sets = files.read_mapping(SETS).get("sets") if Path(SETS).is_file() else []
    titled = [one for one in sets if _has(one, "id") and _has(one, "title")] if isinstance(sets, list) else []
    return {f"set.{one['id']}": str(one["title"][language]) for one in titled if _has(one["title"], language)}


def coverage_of(config: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return first and last year of every variable that the figures give, the index included.

    Parameters
    ----------
    config : mapping
        The parsed configuration.

    Returns
    -------
    dict of str to (int, int)
        First and last year by variable.
    """
    codebook = files.read_rows(CODEBOOK)
    series = series_coverage(codebook)
    derivations = derivations_of(SHIPPED)
    coverage = variable_coverage(codebook, derivations)
    needed = _scheme_columns(setting(config, "index", "scheme"))
    measured = [name for name in derivations.origins(needed) if name in series]
    spans = list(zip(*series.values(), strict=True))
    coverage[INDEX] = common_years(series, measured) if measured else (min(spans[0]), max(spans[1]))
    return coverage


def setting(config: Any, *path: str) -> Any:
    """Return the value under a key path, or None where a configuration does not have it.

    Parameters
    ----------
    config : Any
        As it was read; nothing about it is taken for granted.
    *path : str
        Keys.

    Returns
    -------
    Any
        The value.
    """
    for key in path:
        config = config[key] if _has(config, key) else None
    return config


def _has(node: Any, key: str) -> bool:
    return isinstance(node, Mapping) and key in node


def _scheme(name: Any) -> Mapping[str, Any] | None:
    return _read_scheme(name)[0] if name in scheme_names() else None


def read_schemes() -> dict[str, Scheme]:
    """Return every index scheme of config/indices by its id.

    Returns
    -------
    dict of str to Scheme
        In alphabetical order.

    Raises
    ------
    ConfigError
        If a file departs from the schema, or bears another id than its name.
    """
    return {name: _read_scheme(name)[1] for name in scheme_names()}


def _read_scheme(name: str) -> tuple[Mapping[str, Any], Scheme]:
    path = f"{SCHEMES}/{name}.yaml"
    return _parsed_scheme(name, path, *records.texts([path, files.shipped(SCHEME_SCHEMA)]).values())


@cache
def _parsed_scheme(name: str, path: str, text: str, schema: str) -> tuple[Mapping[str, Any], Scheme]:
    raw = files.as_mapping(parse_yaml(text, path), path)
    scheme = load_scheme(raw, parse_yaml(schema, SCHEME_SCHEMA), file=path)
    if scheme.id != name:
        raise ConfigError(
            f"{path} bears another id than its name.",
            expected=f"id: {name}",
            found=f"id: {scheme.id}",
            remedy="change the id or rename the file",
        )
    return raw, scheme


def _index_names(config: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of the index and its sub-scores, where a paper of one's own computes one."""
    dimensions = _dimensions(config)
    return () if dimensions is None else (INDEX, *(f"{INDEX}_{name}" for name in dimensions))


def _scheme_columns(name: Any) -> list[str]:
    content = _scheme(name) or {"dimensions": []}
    indicators = [i for dimension in content["dimensions"] for i in dimension["indicators"]]
    return [i[key] for i in indicators for key in ("numerator", "denominator") if i.get(key)]


def _check_columns(config: Mapping[str, Any], known: Sequence[str]) -> None:
    scheme = setting(config, "index", "scheme")
    held = (*known, *derivations_of(SHIPPED).constants)
    missing = [name for name in dict.fromkeys(_scheme_columns(scheme)) if name not in held]
    if missing:
        raise ConfigError(
            f"The index scheme {scheme!r} needs columns that are neither official figures nor in your file.",
            expected="every numerator and denominator of the scheme",
            found=f"missing: {offenders(missing, 20)}",
            remedy="supply them in panel.user_file of config/config.yaml, or choose another scheme",
        )


def _dimensions(config: Mapping[str, Any]) -> tuple[str, ...] | None:
    content = _scheme(setting(config, "index", "scheme"))
    return None if content is None else tuple(dimension["id"] for dimension in content["dimensions"])


def _user_columns(config: Mapping[str, Any]) -> tuple[str, ...]:
    path = setting(config, "panel", "user_file")
    if not isinstance(path, str) or path_problem(path, RESULTS):
        return ()
    with _naming(path):
        table = files.read_csv_text(path)
        check_headings(table, KEYS)
        return tuple(column for column in named_columns(table).columns if column not in KEYS)
