"""The typed configuration and its checks: every problem is found at once and explained before any job starts.

The schema in workflow/schemas says what each key may hold; the cross-checks here say what the keys must
hold together. Nothing has a default: the file is the whole truth about a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from shuyi.analyses.base import Analysis, Draft, Item, Project
from shuyi.analyses.registry import ANALYSES
from shuyi.china.places import PLACES
from shuyi.errors import offenders
from shuyi.indices import INDEX
from shuyi.pipeline.references import (
    check_columns,
    check_path,
    check_sample_size,
    check_samples,
    check_weights,
)
from shuyi.pipeline.sizes import check_sizes
from shuyi.schema import Problem, check_config, dotted, raise_problems, unknown_name, unsound
from shuyi.spatialpanel.covariance.kinds import COVARIANCES
from shuyi.spatialpanel.least_squares import COVARIANCES as LEAST_SQUARES
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.specification import Specification
from shuyi.spatialpanel.terms import EFFECTS
from shuyi.spatialpanel.transforms import CORRECTIONS

Years = tuple[int, int]

DEFAULT = "default"
"""The covariance of a row of the sheet that the configuration decides."""
NEEDS_OPTIONS = ("conley",)
"""Covariances that need distances and a cut-off, which a row of the sheet cannot give."""
LIKELIHOOD_COVARIANCES = ("information", "hessian")
"""Covariances of models with random effects."""
DURBIN_MODELS = tuple(name for name, model in MODELS.items() if model.terms.durbin)
SHEET_COLUMNS = tuple(field.name for field in fields(Specification))
CHOICES = {
    "model": tuple(MODELS),
    "effects": EFFECTS,
    "correction": CORRECTIONS,
    "covariance": tuple(kind for kind in COVARIANCES if kind not in NEEDS_OPTIONS),
}


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
    file : str, default "config/specifications.csv"
        Name for messages.

    Returns
    -------
    list of Problem
        Empty where the sheet fits.
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
    problems += _check_headings(rows, file)
    headline = config["estimation"]["headline"]
    if headline not in seen:
        path = ("estimation", "headline")
        problems.append(unknown_name("config/config.yaml", dotted(path), headline, sorted(seen), path))
    return problems


def _check_headings(rows: Sequence[Mapping[str, str]], file: str) -> list[Problem]:
    headed: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        headed.setdefault((row["table"].strip(), row["column"].strip()), []).append(row["id"])
    return [
        Problem(
            file, f"column column, rows {', '.join(ids)}", f"{heading!r} {len(ids)} times in table {table}",
            "one column for each heading of a table",
        )
        for (table, heading), ids in headed.items()
        if len(ids) > 1
    ]  # fmt: skip


def _check_choices(row: Mapping[str, str], config: Mapping[str, Any], place: str, file: str) -> list[Problem]:
    allowed = CHOICES | {"weights": tuple(config["weights"]), "sample": tuple(config["samples"])}
    problems = [
        unknown_name(file, f"{place}, column {column}", row[column], choices)
        for column, choices in allowed.items()
        if row[column] not in choices
    ]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", row["id"]):
        problems.append(Problem(file, f"{place}, column id", repr(row["id"]), "a-z, 0-9 and _"))
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", row["table"]):
        problems.append(
            Problem(
                file, f"{place}, column table", repr(row["table"]), "a number or a name of a-z, 0-9 and _"
            )
        )
    if row["column"] != row["column"].strip() or not row["column"]:
        problems.append(
            Problem(
                file, f"{place}, column column", repr(row["column"]), "a heading without blanks around it"
            )
        )
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
    return [unknown_name(file, place, name, regressors) for name in lagged if name not in regressors]


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


def _check_covariance(
    row: Mapping[str, str], config: Mapping[str, Any], place: str, file: str
) -> list[Problem]:
    allowed: tuple[str, ...] = CHOICES["covariance"]
    if row["model"] == "ols":
        allowed = tuple(LEAST_SQUARES)
    elif row["effects"] in ("random", "correlated"):
        allowed = LIKELIHOOD_COVARIANCES
    if row["covariance"] in allowed or row["covariance"] not in CHOICES["covariance"]:
        return []
    what = f"{', '.join(allowed)} for model {row['model']} with {row['effects']} effects"
    return [Problem(file, f"{place}, column covariance", repr(row["covariance"]), what)]


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
        unknown_name(file, f"{place}, column {column}", name, variables)
        for column, name in named
        if name not in variables
    ]


_ROW_CHECKS = (_check_choices, _check_durbin, _check_correction, _check_covariance, check_sample_size)


def check_years(
    config: Mapping[str, Any],
    used: Iterable[str],
    coverage: Mapping[str, Years],
    *,
    file: str = "config/config.yaml",
) -> list[Problem]:
    """Check that the years of the panel lie inside the coverage of the variables that are used.

    Parameters
    ----------
    config : mapping
        A configuration that passed the schema.
    used : iterable of str
        Variables of the run; those without an entry in `coverage` (users' own) are not limited here.
    coverage : mapping of str to (int, int)
        First and last year by variable.
    file : str, default "config/config.yaml"
        Name for messages.

    Returns
    -------
    list of Problem
        Empty where every year is covered.
    """
    first, last = config["panel"]["first_year"], config["panel"]["last_year"]
    problems = []
    for key, year in (("first_year", first), ("last_year", last)):
        short = [v for v in used if v in coverage and not coverage[v][0] <= year <= coverage[v][1]]
        if short:
            allowed = f"{short[0]} is covered from {coverage[short[0]][0]} to {coverage[short[0]][1]}"
            hint = f"also short: {offenders(short[1:])}" if short[1:] else ""
            problems.append(Problem(file, f"panel.{key}", str(year), allowed, hint))
    if first >= last:
        problems.append(Problem(file, "panel.last_year", str(last), f"a year after first_year {first}"))
    return problems


def check_names(
    config: Mapping[str, Any], schemes: Sequence[str], *, file: str = "config/config.yaml"
) -> list[Problem]:
    """Check that the index scheme exists, and that the samples leave out provinces that there are.

    Parameters
    ----------
    config : mapping
        A configuration that passed the schema.
    schemes : sequence of str
        Names of the index schemes.
    file : str, default "config/config.yaml"
        Name of the file, for messages.

    Returns
    -------
    list of Problem
        Empty where there is none.
    """
    problems = []
    if config["index"]["scheme"] not in schemes:
        problems.append(
            unknown_name(file, "index.scheme", config["index"]["scheme"], schemes, ("index", "scheme"))
        )
    return problems + check_samples(config)


@dataclass(frozen=True)
class Run:
    """A checked configuration with its specification sheet: what one run of the pipeline does.

    Parameters
    ----------
    config : mapping
        The configuration as read.
    sheet : tuple of Specification
        One row per estimated column, in the order of the sheet.
    covered_variables : tuple of str
        Derived variables that the figures give in every year of the panel.
    index_schemes : tuple of str
        Names of the index schemes that the project holds.
    analyses : tuple of Analysis
        Those that the run has.
    off : mapping of str to str
        Why each other analysis is off, in a sentence.
    items : tuple of Item
        Tables, figures and maps in the order of the paper.
    numbers : mapping of str to str
        Number of each item by name.
    notes : tuple of str
        What the run says once: rows of a user's file that it leaves out, provinces that the file lacks.
    """

    config: Mapping[str, Any]
    sheet: tuple[Specification, ...]
    covered_variables: tuple[str, ...] = ()
    index_schemes: tuple[str, ...] = ()
    analyses: tuple[Analysis, ...] = ()
    off: Mapping[str, str] = field(default_factory=dict)
    items: tuple[Item, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def headline(self) -> Specification:
        """The specification that the paper's answer rests on."""
        return self.row(self.config["estimation"]["headline"])

    @property
    def region_schemes(self) -> tuple[str, ...]:
        """Names of the region schemes, the configured one first."""
        first = self.config["regions"]["scheme"]
        return (first, *(scheme for scheme in PLACES.schemes if scheme != first))

    @property
    def tables_of_estimates(self) -> tuple[str, ...]:
        """Tables that the sheet asks for, that of the headline first."""
        first = self.headline.table
        return tuple(dict.fromkeys([first, *(row.table for row in self.sheet)]))

    @property
    def with_effects(self) -> tuple[str, ...]:
        """Specifications that have effects, table by table, the headline first."""
        return tuple(spec for table in self.tables_of_estimates for spec in self.effects_of(table))

    def is_on(self, analysis: str) -> bool:
        """Return whether the run has an analysis.

        Parameters
        ----------
        analysis : str
            Id of an analysis.

        Returns
        -------
        bool
            False for one that is off or unknown.
        """
        return any(a.id == analysis for a in self.analyses)

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
        return tuple(sorted({name for row in self.sheet for name in (row.outcome, *row.regressors)}))

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Outcomes of all specifications, in the order of the sheet."""
        return tuple(dict.fromkeys(row.outcome for row in self.sheet))

    @property
    def controls(self) -> tuple[str, ...]:
        """Regressors of all specifications beside the digital index, in the order of the sheet."""
        named = dict.fromkeys(name for row in self.sheet for name in row.regressors)
        return tuple(name for name in named if not name.startswith(INDEX))

    @property
    def user_files(self) -> tuple[str, ...]:
        """Paths of the user's panel files."""
        path = self.config["panel"]["user_file"]
        return (path,) if path else ()

    @property
    def sheet_weights(self) -> tuple[str, ...]:
        """Names of the weights that the sheet uses."""
        return tuple(dict.fromkeys(row.weights for row in self.sheet))

    @property
    def all_row_standardised(self) -> bool:
        """Whether every specification of the headline's table has row-standardised weights."""
        used = self.table_weights(self.headline.table)
        return all(self.config["weights"][name]["normalisation"] == "row" for name in used)

    @property
    def weights_files(self) -> tuple[str, ...]:
        """Users' tables that the entries of the weights name."""
        return tuple(e["path"] for e in self.config["weights"].values() if e["kind"] == "file")

    def row(self, spec: str) -> Specification:
        """Return the specification of an id.

        Parameters
        ----------
        spec : str
            Id of a specification.

        Returns
        -------
        Specification
            Its row of the sheet.
        """
        return next(row for row in self.sheet if row.id == spec)

    def table(self, table: str) -> tuple[str, ...]:
        """Return the ids of the specifications of a table, in the order of their columns.

        Parameters
        ----------
        table : str
            Number of a table, as the sheet writes it.

        Returns
        -------
        tuple of str
            Ids; empty for a table that estimates nothing.
        """
        return tuple(row.id for row in self.sheet if row.table == table)

    def table_weights(self, table: str) -> tuple[str, ...]:
        """Return the names of the weights that a table's specifications use.

        Parameters
        ----------
        table : str
            Number of a table, as the sheet writes it.

        Returns
        -------
        tuple of str
            Each name once, in the order of first use.
        """
        return tuple(dict.fromkeys(self.row(spec).weights for spec in self.table(table)))

    def effects_of(self, table: str) -> tuple[str, ...]:
        """Return the specifications of a table that have effects, the headline first.

        Parameters
        ----------
        table : str
            Number of a table, as the sheet writes it.

        Returns
        -------
        tuple of str
            Ids of specifications.
        """
        headline = self.config["estimation"]["headline"]
        specs = [spec for spec in self.table(table) if MODELS[self.row(spec).model].terms.spills_over]
        return tuple(sorted(specs, key=lambda spec: spec != headline))

    def units(self, spec: str) -> int:
        """Return the number of provinces in a specification's sample.

        Parameters
        ----------
        spec : str
            Id of a specification.

        Returns
        -------
        int
            At most 31.
        """
        return len(PLACES.codes) - len(self.excluded(spec))

    @property
    def peer_rows(self) -> tuple[Specification, ...]:
        """Specifications that spreg can estimate too, with individual effects: SAR and SEM on all units."""
        return tuple(row for row in self.sheet if row.model in ("sar", "sem") and row.sample == "all")

    def excluded(self, spec: str) -> tuple[str, ...]:
        """Return the provinces that a specification's sample leaves out.

        Parameters
        ----------
        spec : str
            Id of a specification.

        Returns
        -------
        tuple of str
            Codes; empty for the whole sample.
        """
        return tuple(self.config["samples"][self.row(spec).sample])


def checked_run(
    config: Mapping[str, Any],
    rows: Sequence[Mapping[str, str]],
    schema: Mapping[str, Any],
    *,
    schemes: Sequence[str],
    coverage: Mapping[str, Years],
    own_variables: Sequence[str] = (),
    sets: Sequence[str] | None = None,
    dimensions: Sequence[str] | None = None,
    project: Project | None = None,
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
    coverage : mapping of str to (int, int)
        First and last year of every variable that the figures give.
    own_variables : sequence of str, default empty
        Further variables, from the user's file.
    sets, dimensions : sequence of str, optional
        Ids of the sets of systems and dimensions of the index scheme.
    project : Project, optional
        Files that the analyses read; without it they are not checked.

    Returns
    -------
    Run
        Both files, free of problems.

    Raises
    ------
    ConfigError
        With every problem of both files at once.
    """
    variables = (*coverage, *own_variables)
    problems = check_config(config, schema)
    broken = unsound(config, problems, schema.get("required", ()))
    rows = rows if "estimation" in broken else with_covariance(rows, config["estimation"]["covariance"])
    draft = Draft(config, rows, variables, sets, dimensions, project)
    if not broken & {"index", "samples"}:
        problems += check_names(config, schemes)
    if "panel" not in broken:
        unread = check_path(config["panel"]["user_file"], ("panel", "user_file"))
        path = config["panel"]["user_file"]
        problems += unread or (check_columns(path, own_variables, coverage) if path else [])
        broken |= {problem.section for problem in unread}
    if "monitor" not in broken:
        problems += check_path(config["monitor"]["previous_vintage"], ("monitor", "previous_vintage"))
    if not broken & {"weights", "panel"}:
        problems += check_weights(config, variables)
    problems += check_sizes({key: config[key] for key in config if key not in broken}, rows)
    for analysis in wanted_analyses(config) if "analyses" not in broken else ():
        if not broken & {"panel", "index", "weights", "estimation", *analysis.sections}:
            problems += analysis.check(draft)
    if not broken & {"panel", "analyses"}:
        problems += check_years(config, used_variables(config, rows, broken), coverage)
    if not broken & {"weights", "samples", "estimation"}:
        problems += check_sheet(rows, config, variables=None if "panel" in broken else variables)
    raise_problems(problems, config)
    return Run(config, tuple(Specification.from_row(row) for row in rows), index_schemes=tuple(schemes))


def with_covariance(rows: Sequence[Mapping[str, str]], covariance: str) -> list[dict[str, str]]:
    """Return the rows of the sheet with the configured covariance where they name `DEFAULT`.

    Parameters
    ----------
    rows : sequence of mapping
        The specification sheet as text.
    covariance : str
        ``estimation.covariance`` of the configuration.

    Returns
    -------
    list of dict
        Rows of the same columns.
    """
    return [
        {**row, "covariance": covariance} if row.get("covariance") == DEFAULT else dict(row) for row in rows
    ]


def wanted_analyses(config: Mapping[str, Any]) -> list[Analysis]:
    """Return the analyses that the configuration neither puts off nor leaves without one that they need.

    Parameters
    ----------
    config : mapping
        A configuration with a section ``analyses``.

    Returns
    -------
    list of Analysis
        In the order of the paper.
    """
    off: set[str] = set(config["analyses"]["off"])
    for analysis in ANALYSES:
        if off & set(analysis.needs):
            off.add(analysis.id)
    return [analysis for analysis in ANALYSES if analysis.id not in off]


def used_variables(
    config: Mapping[str, Any], rows: Sequence[Mapping[str, str]], broken: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the panel variables that the configuration or its sheet names, sorted.

    Parameters
    ----------
    config : mapping
        The configuration.
    rows : sequence of mapping
        The specification sheet as text.
    broken : iterable of str, default empty
        Sections of the configuration that did not pass their schema; analyses that read them are left out.

    Returns
    -------
    tuple of str
    """
    sound = [analysis for analysis in wanted_analyses(config) if not {*broken} & {*analysis.sections}]
    named = {name for analysis in sound for _, name in analysis.variables(config)}
    for row in rows:
        named |= {row.get("outcome", ""), *row.get("regressors", "").split()}
    return tuple(sorted(named - {""}))
