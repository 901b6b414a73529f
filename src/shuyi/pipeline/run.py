"""The run that a configuration asks for, read from the project's files and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shuyi import files
from shuyi.analyses.base import is_result
from shuyi.analyses.registry import analyses_of, items_of, numbers_of
from shuyi.china.clean import DERIVATIONS
from shuyi.data.coverage import common_years, covered_variables, series_coverage, variable_coverage
from shuyi.errors import ConfigError, DataError, did_you_mean, offenders
from shuyi.indices import INDEX
from shuyi.pipeline import records
from shuyi.pipeline.config import Run, checked_run

if TYPE_CHECKING:
    from shuyi.analyses.base import Item
    from shuyi.publish.labels import Labels
    from shuyi.spatialpanel.montecarlo import Settings


SHEET = "config/specifications.csv"
SCHEMA = "workflow/schemas/config.schema.yaml"
CODEBOOK = "data/snapshot/codebook.csv"
SCHEMES = "config/indices"
SETS = "config/coordination.yaml"
VALIDATION = "config/validation.yaml"
VALIDATION_SCHEMA = "workflow/schemas/validation.schema.yaml"
RESULTS = "results"
PAGES = ("report", "monitor")
"""Pages of a whole year beside the tables and figures."""
KEYS = 2
"""A user's panel file opens with the two key columns: province and year."""


def load_run(config: Mapping[str, Any]) -> Run:
    """Check the configuration against the project's files and return the run.

    Parameters
    ----------
    config : mapping
        The parsed configuration; all other files are read from the working folder.

    Returns
    -------
    Run
        Checked against all files.

    Raises
    ------
    ConfigError
        With every problem at once.
    DataError
        If a file that the configuration names is missing, or results cannot be written.
    """
    records.check_writable(RESULTS)
    coverage = coverage_of(config)
    _check_columns(config, (*coverage, *_user_columns(config)))
    run = checked_run(
        config,
        files.read_rows(SHEET),
        files.read_yaml(SCHEMA),
        schemes=scheme_names(),
        coverage=coverage,
        own_variables=_user_columns(config),
        sets=tuple(entry["id"] for entry in files.read_yaml(SETS)["sets"]),
        dimensions=_dimensions(config),
    )
    if run.config["monitor"]["previous_vintage"]:
        files.read_csv_text(run.config["monitor"]["previous_vintage"])
    covered = covered_variables(coverage, DERIVATIONS.names, run.years[0], run.years[-1])
    return with_analyses(replace(run, covered_variables=covered))


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
    items = tuple(items_of(run, on))
    return replace(run, analyses=on, off=off, items=items, numbers=numbers_of(items))


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


def unknown_target(target: str, known: Sequence[str]) -> str:
    """Return the message about a target that no rule has, with the nearest ones and the kinds there are.

    Parameters
    ----------
    target : str
        Target that was asked for.
    known : sequence of str
        Names of all targets.

    Returns
    -------
    str
        Three lines.
    """
    near = did_you_mean(target, known)
    kinds = (
        "table8 or effects, figure3 or index_map, an analysis such as convergence, report_2024, validation"
    )
    return (
        f"There is no target {target!r}.\n"
        f"  expected: the name or number of a table or figure, or the name of an analysis: {kinds}\n"
        f"  to do: {near or 'run `snakemake --list-target-rules` for all of them'}"
    )


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
    return {item.name: _title(item, labels) for item in run.items} | pages


def _title(item: Item, labels: Labels) -> str:
    title = labels.text(item.title_key)
    if not item.part_of:
        return title
    known = labels.texts.get(item.part) or labels.term(item.part.partition(".")[2] or item.part)
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

    return load_settings(files.read_yaml(VALIDATION), files.read_yaml(VALIDATION_SCHEMA), file=VALIDATION)


def scheme_names() -> tuple[str, ...]:
    """Return the names of the index schemes in config/indices.

    Returns
    -------
    tuple of str
        In alphabetical order.
    """
    return tuple(sorted(path.stem for path in Path(SCHEMES).glob("*.yaml")))


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
    coverage = variable_coverage(codebook, DERIVATIONS)
    scheme = config.get("index", {}).get("scheme")
    needed = _scheme_columns(scheme) if scheme in scheme_names() else ()
    measured = [name for name in DERIVATIONS.origins(needed) if name in series]
    coverage[INDEX] = common_years(series, measured or series)
    return coverage


def _scheme_columns(scheme: str) -> list[str]:
    content = files.read_yaml(f"{SCHEMES}/{scheme}.yaml")
    indicators = [i for dimension in content["dimensions"] for i in dimension["indicators"]]
    return [i[key] for i in indicators for key in ("numerator", "denominator") if i.get(key)]


def _check_columns(config: Mapping[str, Any], known: Sequence[str]) -> None:
    scheme = config.get("index", {}).get("scheme")
    if scheme not in scheme_names():
        return
    held = (*known, *DERIVATIONS.constants)
    missing = [name for name in dict.fromkeys(_scheme_columns(scheme)) if name not in held]
    if missing:
        raise ConfigError(
            f"The index scheme {scheme!r} needs columns that are neither official figures nor in your file.",
            expected="every numerator and denominator of the scheme",
            found=f"missing: {offenders(missing, 20)}",
            remedy="supply them in panel.user_file of config/config.yaml, or choose another scheme",
        )


def _dimensions(config: Mapping[str, Any]) -> tuple[str, ...] | None:
    scheme = config.get("index", {}).get("scheme")
    if scheme not in scheme_names():
        return None
    return tuple(dimension["id"] for dimension in files.read_yaml(f"{SCHEMES}/{scheme}.yaml")["dimensions"])


def _user_columns(config: Mapping[str, Any]) -> tuple[str, ...]:
    path = config.get("panel", {}).get("user_file")
    return tuple(files.read_csv_text(path).columns[KEYS:]) if path else ()
