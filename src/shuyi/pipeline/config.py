"""The typed configuration and its checks: every problem is found at once and explained before any job starts.

The schema in workflow/schemas says what each key may hold; the cross-checks here say what the keys must
hold together. Nothing has a default: the file is the whole truth about a run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from shuyi.china.provinces import codes
from shuyi.errors import offenders
from shuyi.indices import INDEX
from shuyi.pipeline.config_distribution import SECTIONS as DISTRIBUTION
from shuyi.pipeline.config_distribution import check_distribution, distribution_variables
from shuyi.pipeline.config_measurement import SECTIONS as MEASUREMENT
from shuyi.pipeline.config_measurement import check_measurement
from shuyi.pipeline.config_report import SECTIONS as REPORT
from shuyi.pipeline.config_report import check_report
from shuyi.schema import Problem, check_config, dotted, raise_problems, unknown_name
from shuyi.spatialpanel.covariance.kinds import COVARIANCES
from shuyi.spatialpanel.least_squares import COVARIANCES as LEAST_SQUARES
from shuyi.spatialpanel.models import MODELS
from shuyi.spatialpanel.specification import Specification
from shuyi.spatialpanel.terms import EFFECTS
from shuyi.spatialpanel.transforms import CORRECTIONS

Years = tuple[int, int]

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
        problems.append(unknown_name("config/config.yaml", dotted(path), headline, sorted(seen), path))
    return problems


def _check_choices(row: Mapping[str, str], config: Mapping[str, Any], place: str, file: str) -> list[Problem]:
    allowed = CHOICES | {"weights": tuple(config["weights"]), "sample": tuple(config["samples"])}
    problems = [
        unknown_name(file, f"{place}, column {column}", row[column], choices)
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


_ROW_CHECKS = (_check_choices, _check_durbin, _check_correction, _check_covariance)


def check_years(
    config: Mapping[str, Any],
    used: Iterable[str],
    coverage: Mapping[str, Years],
    *,
    file: str = "config/config.yaml",
) -> list[Problem]:
    """Check that every year of the configuration lies inside the coverage of the variables that are used.

    Parameters
    ----------
    config : mapping
    used : iterable of str
        Variables of the run; those without an entry in `coverage` (users' own) are not limited here.
    coverage : mapping of str to (int, int)
        First and last year by variable.
    file : str
        Name for messages.
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
            unknown_name(file, "index.scheme", config["index"]["scheme"], schemes, ("index", "scheme"))
        )
    ids = tuple(config["weights"])
    named: list[tuple[tuple[Any, ...], str]] = [
        (("moran", "weights", i), w) for i, w in enumerate(config["moran"]["weights"])
    ]
    named.append((("lisa", "weights"), config["lisa"]["weights"]))
    problems += [unknown_name(file, dotted(path), w, ids, path) for path, w in named if w not in ids]
    drawn = [
        ((section, "variables", i), v)
        for section in ("moran", "lisa")
        for i, v in enumerate(config[section]["variables"])
    ]
    problems += [
        unknown_name(file, dotted(path), v, variables, path) for path, v in drawn if v not in variables
    ]
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
    sheet : tuple of Specification
        One row per estimated column, in the order of the sheet.
    covered_variables : tuple of str
        Derived variables that the figures give in every year of the panel.
    """

    config: Mapping[str, Any]
    sheet: tuple[Specification, ...]
    covered_variables: tuple[str, ...] = ()

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

    def weights_specs(self, name: str) -> dict[str, Mapping[str, Any]]:
        """Return an entry of the weights and the entries that it is made of, by name."""
        entry = self.config["weights"][name]
        specs: dict[str, Mapping[str, Any]] = {name: entry}
        for key in ("geographic", "economic"):
            if key in entry:
                specs |= self.weights_specs(entry[key])
        return specs

    def row(self, spec: str) -> Specification:
        """Return the specification of an id."""
        return next(row for row in self.sheet if row.id == spec)

    def table(self, table: str) -> tuple[str, ...]:
        """Return the ids of the specifications of a table, in the order of their columns."""
        return tuple(row.id for row in self.sheet if row.table == table)

    def table_weights(self, table: str) -> tuple[str, ...]:
        """Return the names of the weights that a table's specifications use."""
        return tuple(dict.fromkeys(self.row(spec).weights for spec in self.table(table)))

    def effects_of(self, table: str) -> tuple[str, ...]:
        """Return the specifications of a table that have effects, the headline first."""
        headline = self.config["estimation"]["headline"]
        specs = [spec for spec in self.table(table) if MODELS[self.row(spec).model].terms.spills_over]
        return tuple(sorted(specs, key=lambda spec: spec != headline))

    def units(self, spec: str) -> int:
        """Return the number of provinces in a specification's sample."""
        return len(codes()) - len(self.excluded(spec))

    @property
    def peer_rows(self) -> tuple[Specification, ...]:
        """Specifications that spreg can estimate too, with individual effects: SAR and SEM on all units."""
        return tuple(row for row in self.sheet if row.model in ("sar", "sem") and row.sample == "all")

    @property
    def peer_weights(self) -> tuple[str, ...]:
        """Names of the weights of `peer_rows`."""
        return tuple(dict.fromkeys(row.weights for row in self.peer_rows))

    def excluded(self, spec: str) -> tuple[str, ...]:
        """Return the provinces that a specification's sample leaves out."""
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
    own_variables : sequence of str
        Further variables, from the user's file.
    sets, dimensions : sequence of str, optional
        Ids of the sets of systems and dimensions of the index scheme (see `check_measurement`).

    Raises
    ------
    ConfigError
        With every problem of both files at once.
    """
    variables = (*coverage, *own_variables)
    problems = check_config(config, schema)
    broken = {problem.place.split(".")[0] for problem in problems}
    if not broken & {"index", "weights", "moran", "lisa", "samples"}:
        problems += check_names(config, schemes, variables)
    if not broken & {"panel", "weights", *DISTRIBUTION}:
        problems += check_distribution(config, variables)
    if not broken & {"panel", "moran", "lisa", "maps", *DISTRIBUTION}:
        problems += check_years(config, used_variables(config, rows), coverage)
    if not broken & {"weights", "samples", "estimation"}:
        problems += check_sheet(rows, config, variables=variables)
    if not broken & {"panel", "index", "weights", "estimation", *MEASUREMENT}:
        problems += check_measurement(config, rows, sets=sets, dimensions=dimensions)
    if not broken & {"panel", *REPORT}:
        problems += check_report(config)
    raise_problems(problems, config)
    return Run(config, tuple(Specification.from_row(row) for row in rows))


def used_variables(config: Mapping[str, Any], rows: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    """Return the panel variables that the configuration or its sheet names, sorted."""
    named = {*config["moran"]["variables"], *config["lisa"]["variables"], *distribution_variables(config)}
    for row in rows:
        named |= {row.get("outcome", ""), *row.get("regressors", "").split()}
    return tuple(sorted(named - {""}))
