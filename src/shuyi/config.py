"""The typed configuration and its checks: every problem is found at once and explained before any job starts.

The schema in workflow/schemas says what each key may hold; the cross-checks here say what the keys must
hold together. Nothing has a default: the file is the whole truth about a run.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shuyi.errors import ConfigError, did_you_mean

MODELS = ("ols", "slx", "sar", "sem", "sdm", "sdem", "sac", "gns")
EFFECTS = ("pooled", "individual", "time", "twoways", "random", "correlated")
CORRECTIONS = ("none", "exact", "demean_then_lag", "lee_yu", "lee_yu_bias")
COVARIANCES = ("information", "hessian", "robust", "cluster", "driscoll_kraay", "conley")
DURBIN_MODELS = ("slx", "sdm", "sdem", "gns")
SHEET_COLUMNS = (
    "id", "table", "column", "model", "outcome", "regressors", "durbin",
    "weights", "effects", "correction", "sample", "covariance",
)  # fmt: skip
CHOICES = {"model": MODELS, "effects": EFFECTS, "correction": CORRECTIONS, "covariance": COVARIANCES}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a file of the configuration.

    Parameters
    ----------
    file : str
    place : str
        Key path (``weights.contiguity.kind``) or row and column (``row 3 (sdm), column weights``).
    found, allowed, hint : str
    fix : tuple of (path, value) or None
        A correction of the configuration, where one can be guessed: the value to set at the path,
        ``REMOVE``, or a tuple (new key, value) that renames the key.
    """

    file: str
    place: str
    found: str
    allowed: str
    hint: str = ""
    fix: tuple[tuple[Any, ...], Any] | None = None

    def __str__(self) -> str:
        tail = f" -- {self.hint}" if self.hint else ""
        return f"{self.file}: {self.place}: found {self.found}; allowed: {self.allowed}{tail}"


class _Remove:
    """Marks a key that a correction takes away."""


REMOVE = _Remove()


def check_config(
    config: Mapping[str, Any], schema: Mapping[str, Any], *, file: str = "config/config.yaml"
) -> list[Problem]:
    """Compare a configuration with its JSON schema.

    Parameters
    ----------
    config, schema : mapping
        Parsed YAML.
    file : str
        Name for messages.

    Returns
    -------
    list of Problem
        In the order of the keys; empty if the configuration is valid.
    """
    from jsonschema import Draft202012Validator

    errors = sorted(
        Draft202012Validator(schema).iter_errors(config), key=lambda e: [str(p) for p in e.absolute_path]
    )
    problems = [problem for error in errors for problem in _explain(error, file)]
    renamed = {(*p.fix[0][:-1], p.fix[1][0]) for p in problems if p.fix and isinstance(p.fix[1], tuple)}
    return [
        p for p in problems if not (p.fix and p.fix[0] in renamed) and p.place not in map(_dotted, renamed)
    ]


def _explain(error: Any, file: str) -> list[Problem]:
    path = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        return _unknown_keys(error, path, file)
    if error.validator == "required":
        missing = [key for key in error.validator_value if key not in error.instance]
        return [_missing_key(error, path, key, file) for key in missing if f"'{key}'" in error.message]
    if error.validator == "enum":
        return [_wrong_choice(error, path, file)]
    return [Problem(file, _dotted(path), repr(error.instance), _requirement(error))]


def _unknown_keys(error: Any, path: tuple[Any, ...], file: str) -> list[Problem]:
    allowed = list(error.schema.get("properties", {}))
    problems = []
    for key in error.instance:
        if key in allowed:
            continue
        near = did_you_mean(str(key), [a for a in allowed if a not in error.instance])
        guess = re.findall(r"'(.*)'", near)
        fix = ((*path, key), (guess[0], error.instance[key])) if guess else ((*path, key), REMOVE)
        problems.append(Problem(file, _dotted((*path, key)), "an unknown key", ", ".join(allowed), near, fix))
    return problems


def _missing_key(error: Any, path: tuple[Any, ...], key: str, file: str) -> Problem:
    about = error.schema.get("properties", {}).get(key, {})
    example = about.get("examples", [None])[0]
    fix = ((*path, key), example) if "examples" in about else None
    return Problem(
        file, _dotted((*path, key)), "no such key", about.get("description", "required").strip(),
        f"for example {key}: {example!r}" if fix else "", fix,
    )  # fmt: skip


def _wrong_choice(error: Any, path: tuple[Any, ...], file: str) -> Problem:
    allowed = [str(choice) for choice in error.validator_value]
    near = did_you_mean(str(error.instance), allowed)
    guess = re.findall(r"'(.*)'", near)
    fix = (path, guess[0]) if guess else None
    return Problem(file, _dotted(path), repr(error.instance), ", ".join(allowed), near, fix)


def _requirement(error: Any) -> str:
    about = error.schema.get("description", "").strip()
    kind = str(error.validator_value)
    rule = {
        "type": f"a value of type {kind}",
        "minimum": f"at least {kind}",
        "maximum": f"at most {kind}",
        "exclusiveMinimum": f"more than {kind}",
        "exclusiveMaximum": f"less than {kind}",
        "minItems": f"at least {kind} item(s)",
        "maxItems": f"at most {kind} item(s)",
        "minLength": "a text that is not empty",
        "uniqueItems": "each item once",
        "pattern": f"text of the form {kind}",
        "propertyNames": "names in lower case",
    }.get(error.validator, error.message)
    return f"{rule} ({about})" if about else rule


def _dotted(path: Iterable[Any]) -> str:
    return ".".join(str(p) for p in path) or "(top level)"


def corrected(config: Mapping[str, Any], problems: Sequence[Problem]) -> str:
    """Return the corrected top-level blocks as YAML to paste, or nothing where none can be guessed."""
    import yaml

    mended = copy.deepcopy(dict(config))
    touched = []
    for problem in problems:
        if problem.fix is not None and _apply(mended, *problem.fix):
            path, value = problem.fix
            touched.append(value[0] if len(path) == 1 and isinstance(value, tuple) else path[0])
    blocks = {key: mended[key] for key in dict.fromkeys(touched) if key in mended}
    return yaml.safe_dump(blocks, allow_unicode=True, sort_keys=False) if blocks else ""


def _apply(mended: Any, path: tuple[Any, ...], value: Any) -> bool:
    for key in path[:-1]:
        mended = mended[key]
    if isinstance(value, tuple):
        mended[value[0]] = mended.pop(path[-1])
    elif value is REMOVE:
        mended.pop(path[-1])
    else:
        mended[path[-1]] = value
    return True


def raise_problems(problems: Sequence[Problem], config: Mapping[str, Any]) -> None:
    """Raise one ConfigError that lists every problem, with corrected YAML to paste, if there is any."""
    if not problems:
        return
    listed = "\n".join(f"  {number}. {problem}" for number, problem in enumerate(problems, 1))
    block = corrected(config, problems)
    pasted = f"\nCorrected YAML to paste:\n\n{block}" if block else ""
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    raise ConfigError(f"The configuration has {count}; no job was started.\n{listed}{pasted}")


@dataclass(frozen=True)
class SheetRow:
    """One row of the specification sheet: one estimated column of a table."""

    id: str
    table: str
    column: str
    model: str
    outcome: str
    regressors: tuple[str, ...]
    durbin: tuple[str, ...] | str | None
    weights: str
    effects: str
    correction: str | None
    sample: str
    covariance: str

    @classmethod
    def from_text(cls, row: Mapping[str, str]) -> SheetRow:
        """Convert a row of text; lists are separated by spaces, ``none`` stands for nothing."""
        durbin: tuple[str, ...] | str | None = tuple(row["durbin"].split())
        if durbin in (("all",), ("none",)):
            durbin = "all" if durbin == ("all",) else None
        plain = {key: row[key] for key in SHEET_COLUMNS if key not in ("regressors", "durbin", "correction")}
        correction = None if row["correction"] == "none" else row["correction"]
        return cls(regressors=tuple(row["regressors"].split()), durbin=durbin, correction=correction, **plain)

    def variables(self) -> tuple[str, ...]:
        """Return the panel variables that the row needs."""
        return (self.outcome, *self.regressors)


def check_sheet(
    rows: Sequence[Mapping[str, str]],
    config: Mapping[str, Any],
    *,
    variables: Sequence[str] | None = None,
    file: str = "config/specifications.csv",
) -> list[Problem]:
    """Compare the specification sheet with the configuration.

    Parameters
    ----------
    rows : sequence of mapping
        Rows of text.
    config : mapping
        A configuration that passed `check_config`.
    variables : sequence of str, optional
        Known panel variables; without them the names of variables are not checked here.
    file : str
        Name for messages.
    """
    header = tuple(rows[0]) if rows else ()
    if header != SHEET_COLUMNS:
        return [Problem(file, "header", ",".join(header) or "no rows", ",".join(SHEET_COLUMNS))]
    problems = []
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        place = f"line {number} ({row['id']})"
        problems += [p for check in _ROW_CHECKS for p in check(row, config, place, file)]
        problems += _check_variables(row, variables, place, file)
        if row["id"] in seen:
            problems.append(Problem(file, f"{place}, column id", repr(row["id"]), "each id once"))
        seen.add(row["id"])
    headline = config["estimation"]["headline"]
    if headline not in seen:
        path = ("estimation", "headline")
        problems.append(_unknown("config/config.yaml", _dotted(path), headline, sorted(seen), path))
    return problems


def _unknown(
    file: str, place: str, found: str, allowed: Sequence[str], path: tuple[Any, ...] | None = None
) -> Problem:
    near = did_you_mean(found, allowed)
    guess = re.findall(r"'(.*)'", near)
    fix = (path, guess[0]) if guess and path else None
    return Problem(file, place, repr(found), ", ".join(allowed), near, fix)


def _check_choices(row: Mapping[str, str], config: Mapping[str, Any], place: str, file: str) -> list[Problem]:
    allowed = CHOICES | {"weights": tuple(config["weights"]), "sample": tuple(config["samples"])}
    problems = [
        _unknown(file, f"{place}, column {column}", row[column], choices)
        for column, choices in allowed.items()
        if row[column] not in choices
    ]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", row["id"]):
        problems.append(Problem(file, f"{place}, column id", repr(row["id"]), "a-z, 0-9 and _"))
    return problems


def _check_durbin(row: Mapping[str, str], config: Mapping[str, Any], place: str, file: str) -> list[Problem]:
    place = f"{place}, column durbin"
    lagged = row["durbin"].split()
    if row["model"] in DURBIN_MODELS:
        if lagged == ["none"] or not lagged:
            return [
                Problem(file, place, repr(row["durbin"]), f"all, or regressors to lag, for {row['model']}")
            ]
    elif lagged != ["none"]:
        return [Problem(file, place, repr(row["durbin"]), f"none: {row['model']} has no lagged regressors")]
    if lagged in (["all"], ["none"]):
        return []
    regressors = row["regressors"].split()
    return [_unknown(file, place, name, regressors) for name in lagged if name not in regressors]


def _check_correction(
    row: Mapping[str, str], config: Mapping[str, Any], place: str, file: str
) -> list[Problem]:
    fixed = row["effects"] in ("individual", "time", "twoways")
    if not fixed and row["correction"] not in ("none", "exact"):
        return [
            Problem(
                file, f"{place}, column correction", repr(row["correction"]),
                f"none: effects {row['effects']!r} leave nothing to correct",
            )
        ]  # fmt: skip
    normalisation = config["weights"].get(row["weights"], {"normalisation": "row"})["normalisation"]
    over_units = row["effects"] in ("time", "twoways")
    if over_units and row["correction"] == "lee_yu" and normalisation != "row":
        return [
            Problem(
                file, f"{place}, column correction", "'lee_yu' with weights that are not row-standardised",
                "exact or lee_yu_bias, or weights with normalisation: row",
            )
        ]  # fmt: skip
    return []


def _check_variables(
    row: Mapping[str, str], variables: Sequence[str] | None, place: str, file: str
) -> list[Problem]:
    regressors = row["regressors"].split()
    problems = []
    if row["outcome"] in regressors:
        problems.append(Problem(file, f"{place}, column regressors", repr(row["outcome"]), "not the outcome"))
    if variables is None:
        return problems
    named = [("outcome", row["outcome"]), *(("regressors", name) for name in regressors)]
    return problems + [
        _unknown(file, f"{place}, column {column}", name, variables)
        for column, name in named
        if name not in variables
    ]


_ROW_CHECKS = (_check_choices, _check_durbin, _check_correction)


def check_years(
    config: Mapping[str, Any], coverage: tuple[int, int], *, file: str = "config/config.yaml"
) -> list[Problem]:
    """Check that every year of the configuration lies inside the coverage (first, last) of the data."""
    panel = config["panel"]
    first, last = panel["first_year"], panel["last_year"]
    allowed = f"a year from {coverage[0]} to {coverage[1]}, the coverage of the data"
    problems = [
        Problem(file, f"panel.{key}", str(panel[key]), allowed)
        for key in ("first_year", "last_year")
        if not coverage[0] <= panel[key] <= coverage[1]
    ]
    if first >= last:
        problems.append(Problem(file, "panel.last_year", str(last), f"a year after first_year {first}"))
    for section in ("lisa", "maps"):
        problems += [
            Problem(file, f"{section}.years", str(year), f"years of the panel, {first} to {last}")
            for year in config[section]["years"]
            if not first <= year <= last
        ]
    return problems


def check_names(
    config: Mapping[str, Any],
    schemes: Sequence[str],
    variables: Sequence[str],
    *,
    file: str = "config/config.yaml",
) -> list[Problem]:
    """Check that every scheme, variable and weights id that the configuration names exists."""
    problems = []
    if config["index"]["scheme"] not in schemes:
        problems.append(
            _unknown(file, "index.scheme", config["index"]["scheme"], schemes, ("index", "scheme"))
        )
    ids = tuple(config["weights"])
    named: list[tuple[tuple[Any, ...], str]] = [
        (("moran", "weights", i), w) for i, w in enumerate(config["moran"]["weights"])
    ]
    named.append((("lisa", "weights"), config["lisa"]["weights"]))
    problems += [_unknown(file, _dotted(path), w, ids, path) for path, w in named if w not in ids]
    drawn = [
        ((section, "variables", i), v)
        for section in ("moran", "lisa")
        for i, v in enumerate(config[section]["variables"])
    ]
    problems += [_unknown(file, _dotted(path), v, variables, path) for path, v in drawn if v not in variables]
    if config["samples"]["all"]:
        problems.append(Problem(file, "samples.all", str(config["samples"]["all"]), "an empty list"))
    return problems


@dataclass(frozen=True)
class Run:
    """A checked configuration with its specification sheet: what one run of the pipeline does.

    Parameters
    ----------
    config : mapping
        The configuration as read.
    sheet : tuple of SheetRow
        One row per estimated column, in the order of the sheet.
    """

    config: Mapping[str, Any]
    sheet: tuple[SheetRow, ...]

    @property
    def years(self) -> tuple[int, ...]:
        """Years of the estimation panel."""
        panel = self.config["panel"]
        return tuple(range(panel["first_year"], panel["last_year"] + 1))

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all specifications."""
        return tuple(row.id for row in self.sheet)

    @property
    def variables(self) -> tuple[str, ...]:
        """Panel variables that any specification names, sorted."""
        return tuple(sorted({name for row in self.sheet for name in row.variables()}))

    @property
    def user_files(self) -> tuple[str, ...]:
        """Paths of the user's panel files."""
        path = self.config["panel"]["user_file"]
        return (path,) if path else ()

    def weights_entries(self, name: str) -> tuple[Mapping[str, Any], ...]:
        """Return an entry of the weights and the entries that it is made of."""
        entry = self.config["weights"][name]
        parts = [entry[key] for key in ("geographic", "economic") if key in entry]
        return (entry, *(inner for part in parts for inner in self.weights_entries(part)))

    def row(self, spec: str) -> SheetRow:
        """Return the specification of an id."""
        return next(row for row in self.sheet if row.id == spec)

    def table(self, table: str) -> tuple[str, ...]:
        """Return the ids of the specifications of a table, in the order of their columns."""
        return tuple(row.id for row in self.sheet if row.table == table)

    def excluded(self, spec: str) -> tuple[str, ...]:
        """Return the provinces that a specification's sample leaves out."""
        return tuple(self.config["samples"][self.row(spec).sample])


def checked_run(
    config: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any],
    *,
    schemes: Sequence[str],
    variables: Sequence[str],
    coverage: tuple[int, int],
) -> Run:
    """Check the configuration and its sheet and return the run.

    Parameters
    ----------
    config : mapping
        The configuration.
    rows : sequence of mapping
        The specification sheet as text.
    schema : mapping
        JSON schema of the configuration.
    schemes : sequence of str
        Names of the index schemes.
    variables : sequence of str
        Names of the panel variables.
    coverage : tuple of int
        First and last year of the data.

    Raises
    ------
    ConfigError
        With every problem of both files at once.
    """
    problems = check_config(config, schema)
    broken = {problem.place.split(".")[0] for problem in problems}
    if not broken & {"index", "weights", "moran", "lisa", "samples"}:
        problems += check_names(config, schemes, variables)
    if not broken & {"panel", "lisa", "maps"}:
        problems += check_years(config, coverage)
    if not broken & {"weights", "samples", "estimation"}:
        problems += check_sheet(rows, config, variables=variables)
    raise_problems(problems, config)
    return Run(config, tuple(SheetRow.from_text(row) for row in rows))
