"""Tables of the estimation: specification tests, estimates, and direct, indirect and total effects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.estimation.levels import (
    CHOICE_LEVEL,
    LEVELS,
    OWN_NULL,
    TEXTBOOK,
    choice,
    printed,
)
from shuyi.errors import DataError, offenders
from shuyi.publish.layout import in_two_lines
from shuyi.publish.notes import (
    all_weights_notes,
    answer_note,
    caveat_notes,
    estimation_notes,
    fit_facts,
    joined,
    label_or,
    sample_note,
    samples_notes,
    simulation_notes,
    source_note,
    stars_note,
    uncertainty_note,
    weights_notes,
)
from shuyi.publish.numbers import (
    MISSING,
    TableOptions,
    count,
    in_parentheses,
    interval,
    number,
    p_value,
    starred,
)
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from shuyi.publish.labels import Labels
    from shuyi.weights import Weights


LIKELIHOOD_DECIMALS = 2
BOUND_DECIMALS = R2_DECIMALS = 3
HEADING_WIDTH = 11
"""Width in letters at which headings of models break into two lines."""
COMPONENTS = ("direct", "indirect", "total")
SPATIAL_PARAMETERS, VARIANCE = ("rho", "lam"), "sigma2"


class Estimate(Protocol):
    """What a table reads of a fit, by maximum likelihood or least squares (`shuyi.spatialpanel`)."""

    model: str
    outcome: str
    regressors: tuple[str, ...]
    effects_structure: str
    convention: str
    covariance_kind: str
    loglik: float
    n: int
    T: int
    n_effective: int
    periods: tuple[int, ...]
    intervals: Mapping[str, tuple[float, float]]
    residual_values: NDArray[np.float64] | None
    outcome_values: NDArray[np.float64] | None

    @property
    def params(self) -> pd.Series:
        """Estimates by name."""

    @property
    def std_errors(self) -> pd.Series:
        """Standard errors by name."""

    @property
    def tstats(self) -> pd.Series:
        """Estimates over their standard errors."""

    @property
    def pvalues(self) -> pd.Series:
        """Two-sided p-values by name."""

    @property
    def aic(self) -> float:
        """Akaike's criterion."""

    @property
    def bic(self) -> float:
        """Schwarz's criterion."""


@dataclass(frozen=True)
class ModelEffects:
    """Effects of one model and how they were simulated.

    Parameters
    ----------
    column : str
        Heading of the model in the table.
    frame : DataFrame
        term, component, estimate, std_error (simulated), std_error_delta, ci_low, ci_high (percentiles of
        the draws), ci_low_delta, ci_high_delta, p_value.
    draws : int
        Number of random draws.
    seed : int
        Seed of the random draws.
    level : float
        Confidence level of the intervals.
    share_redrawn : float
        Share of draws outside the admissible interval of rho.
    simulation_error : float, default 0.0
        Largest error of the ends of percentile intervals.
    """

    column: str
    frame: pd.DataFrame
    draws: int
    seed: int
    level: float
    share_redrawn: float
    simulation_error: float = 0.0

    @classmethod
    def of(cls, column: str, effects: Any) -> ModelEffects:
        """Take over the effects of a fit (`shuyi.spatialpanel.effects.Effects`).

        Parameters
        ----------
        column : str
            Heading of the model.
        effects : object
            Effects of the model's fit.

        Returns
        -------
        ModelEffects
            Ready for `table8`.
        """
        frame = effects.to_frame()
        return cls(
            column,
            frame,
            effects.draws,
            effects.seed,
            effects.level,
            effects.share_redrawn,
            effects.simulation_error,
        )


def model_effects(frames: Mapping[str, pd.DataFrame]) -> list[ModelEffects]:
    """Return the effects of several models from their files, which say how they were simulated.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        By heading of the model: the columns of `shuyi.spatialpanel.effects.Effects.to_frame`, with ``draws``,
        ``seed``, ``level`` and ``share_redrawn`` in every row.

    Returns
    -------
    list of ModelEffects
        In the order of the headings.
    """
    return [
        ModelEffects(
            column,
            frame,
            int(frame["draws"].iloc[0]),
            int(frame["seed"].iloc[0]),
            float(frame["level"].iloc[0]),
            float(frame["share_redrawn"].max()),
            float(frame["simulation_error"].max()),
        )
        for column, frame in frames.items()
    ]


def specification_tests_table(
    tests: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    fit: Estimate,
    notes: Sequence[str] = (),
    permutations: int | None = None,
    seed: int | None = None,
) -> Table:
    """Return the table of tests of the specification, grouped by the question that they answer.

    Parameters
    ----------
    tests : DataFrame
        ``group``, ``test``, ``null``, ``spec`` and ``distribution`` (keys of labels; ``spec`` may be empty),
        ``note`` (may be empty), optionally ``period``, and the numbers ``statistic``, ``df`` (NaN where the
        distribution has none) and ``p_value``, as `shuyi.spatialpanel.diagnostics.specification_tests` gives
        them; with ``version`` and levels as `shuyi.analyses.estimation.levels.with_levels` adds them.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals; the table has no stars, since not every test keeps its level.
    fit : Estimate
        The specification that is tested, as estimated: what the notes state of it.
    notes : sequence of str, default empty
        Further sentences, such as the weights and their islands.
    permutations, seed : int, optional
        Of the tests with permutation p-values.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.
    """
    tests = _completed(tests)
    rows = printed(tests)
    display = _test_cells(rows, labels, options)
    facts = fit_facts(fit)
    shared = _without_spec(rows, facts["effects"])
    names = [_test_name(row, shared, labels) for row in rows.to_dict("records")]
    groups = [label_or(labels, f"testgroup.{g}", g) for g in rows["group"]]
    display.index = pd.MultiIndex.from_arrays([groups, names])
    sentences = [
        *_level_notes(rows, labels),
        choice_note(tests, labels),
        *estimation_notes(facts, labels),
        *_test_notes(rows, facts, labels),
        _permutation_note(permutations, seed, labels),
        *notes,
        sample_note(fit.n, fit.periods, labels),
        source_note(labels),
    ]
    return build_table("specification_tests", labels, data=rows, display=display, notes=sentences)


LEVEL_DECIMALS = 2


def _completed(tests: pd.DataFrame) -> pd.DataFrame:
    """Return tests with every column that the table reads."""
    tests = tests.assign(**{c: tests[c].fillna("") for c in ("group", "spec", "note")})
    if "version" not in tests:
        tests = tests.assign(version=TEXTBOOK)
    return tests.assign(**{c: tests.get(c, np.nan) for c in LEVELS})


def _test_cells(rows: pd.DataFrame, labels: Labels, options: TableOptions) -> pd.DataFrame:
    columns = {
        "null": [label_or(labels, f"null.{h}", h) for h in rows["null"]],
        "statistic": [number(s, options.decimals) for s in rows["statistic"]],
        "distribution": [label_or(labels, f"distribution.{d}", d) for d in rows["distribution"]],
        "df": [count(d) for d in rows["df"]],
        "p": [p_value(p, options.decimals) for p in rows["p_value"]],
    }
    if rows["level"].notna().any():
        columns["level"] = [number(level, LEVEL_DECIMALS) for level in rows["level"]]
    return pd.DataFrame({labels.text(f"column.{name}"): cells for name, cells in columns.items()})


def _level_notes(rows: pd.DataFrame, labels: Labels) -> list[str]:
    """Return what levels and bootstraps are, as far as the table has them."""
    known = rows[rows["level"].notna() & (rows["test"] != OWN_NULL)]
    if len(known):
        first = known.iloc[0]
        levels = labels.text(
            "note.levels",
            panels=count(known["level_panels"].max()),
            errors=number(first["errors_ar"], 2),
            regressors=number(first["regressors_ar"], 2),
            error=number(known["level_error"].max(), 2),
        )
    else:
        levels = labels.text("note.levels_unknown")
    notes = rows.loc[rows["distribution"] == "bootstrap", ["version", "note"]]
    found = notes["note"].str.extract(r"(\d+) draws, seed (\d+)")
    drawn = ""
    if len(found):
        most = count(found[0].astype(int).max())
        drawn = labels.text("note.bootstrap", draws=most, seed=found[1].iloc[0])
    ar = notes.loc[notes["version"] == "ar1", "note"].str.extract(r"AR\(1\) ([\d.]+)")[0]
    ratios = labels.text("note.bootstrap_effects", ar=number(float(ar.iloc[0]), 2)) if len(ar) else ""
    return [text for text in (levels, drawn, ratios) if text]


def choice_note(tests: pd.DataFrame, labels: Labels) -> str:
    """Return what tests that bear the panel say of the spatial Durbin model, and what the usual ones do.

    Parameters
    ----------
    tests : DataFrame
        As `shuyi.analyses.estimation.levels.with_levels` gives them.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    str
        Two sentences, or nothing where the tests are not there.
    """
    found = choice(tests)
    if not found:
        return ""
    shown = {name: p_value(value, P_DECIMALS) for name, value in found.items()}
    rejected = [name.upper() for name in ("sar", "sem") if found[name] < CHOICE_LEVEL]
    said = "some" if rejected else "none"
    verdict = labels.text(f"note.choice.{said}", models=joined(rejected, labels))
    return labels.text("note.choice", **shown) + ("" if labels.language == "zh" else " ") + verdict


P_DECIMALS = 3


def _permutation_note(permutations: int | None, seed: int | None, labels: Labels) -> str:
    if permutations is None:
        return ""
    return labels.text("note.permutation_tests", permutations=count(permutations), seed=seed)


def _test_notes(rows: pd.DataFrame, facts: Mapping[str, Any], labels: Labels) -> list[str]:
    """Return what tests say about themselves beyond what holds for the whole table."""
    tests: dict[str, list[str]] = {}
    both = rows.groupby("test")["version"].transform("nunique") > 1
    for row in rows[rows["note"] != ""].assign(several=both).itertuples():
        parts = [_test_note(p, facts, labels) for p in str(row.note).split("; ")]
        named = tests.setdefault("; ".join(filter(None, parts)), [])
        name = label_or(labels, f"test.{row.test}", str(row.test))
        if row.several:
            by = labels.text(f"distribution.{row.distribution}")
            name = labels.text("test.by", test=name, distribution=by)
        if name not in named:
            named.append(name)
    return [
        labels.text(
            "note.columns", columns=joined(names, labels), note=labels.text("note.sentence", text=text)
        )
        for text, names in tests.items()
        if text
    ]


TOLD_ONCE = ("I = ", "bootstrap: ", "Hotelling's F")
"""Parts of notes that the cell or a note of the whole table says."""
NUMBERED = {
    "draws": re.compile(r"(?P<draws>\d+) draws, seed (?P<seed>\d+)"),
    "expected": re.compile(r"expected (?P<value>[\d.]+)"),
    "ar": re.compile(r"AR\(1\) (?P<value>[\d.]+)"),
    "slope": re.compile(r"slope of differences on their lag (?P<value>-?[\d.]+), without .*"),
}
"""Parts of notes with numbers, by key of the label that says them."""


def _test_note(part: str, facts: Mapping[str, Any], labels: Labels) -> str:
    if part.startswith(TOLD_ONCE):
        return ""
    kind, separator, rest = part.partition(": ")
    if kind == "parameters" and separator:
        return labels.text(
            "note.parameters", terms=joined([labels.term(n) for n in rest.split(", ")], labels)
        )
    key = {"convention": "correction", "covariance": "covariance"}.get(kind)
    if key:
        return "" if facts.get(key) == rest else label_or(labels, f"{key}.{rest}", rest)
    for name, pattern in NUMBERED.items():
        if found := pattern.fullmatch(part):
            return labels.text(f"testnote.{name}", **found.groupdict())
    return label_or(labels, f"testnote.{part}", part)


def _without_spec(rows: pd.DataFrame, effects: str) -> set[str]:
    """Return the tests that were computed under the effects of the whole table alone."""
    return {str(test) for test, specs in rows.groupby("test")["spec"] if set(specs) == {effects}}


def _test_name(row: Mapping[Any, Any], shared: set[str], labels: Labels) -> str:
    name, spec = label_or(labels, f"test.{row['test']}", row["test"]), row["spec"]
    if spec and row["test"] not in shared:
        ratio = row["group"] == "effects" and row["test"].startswith("lr_")
        kind = "with_spec" if not ratio else "given_none" if spec == "pooled" else "given"
        name = labels.text(f"test.{kind}", test=name, spec=labels.text(f"effects.{spec}"))
    if pd.notna(row.get("period")):
        name = labels.text("test.in_period", test=name, period=int(row["period"]))
    return name


def estimates_table(
    fits: Mapping[str, Estimate],
    labels: Labels,
    options: TableOptions,
    *,
    notes: Sequence[str] = (),
    identifier: str = "estimates",
    part: str = "",
) -> Table:
    """Return the table of estimates of several models side by side.

    Parameters
    ----------
    fits : mapping of str to Estimate
        Column heading to fit, in the order of the table.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    notes : sequence of str, default empty
        Further sentences, such as the weights and their islands.
    identifier, part : str
        Name of the table, and what it covers where there are several of its kind.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.

    Raises
    ------
    DataError
        If the models have different outcomes, which one note must state for all.
    """
    outcome = _common_outcome(fits)
    terms = _terms(list(fits.values()))
    coefficients = pd.concat([_coefficient_cells(f, terms, options) for f in fits.values()], axis=1)
    statistics = pd.DataFrame({c: _statistic_cells(f, labels, options) for c, f in fits.items()})
    coefficients.columns = statistics.columns = pd.Index([in_two_lines(c, HEADING_WIDTH) for c in fits])
    coefficients.index = pd.MultiIndex.from_tuples(
        [(labels.text("group.coefficients"), label) for t in terms for label in (labels.term(t), "")]
    )
    statistics.index = pd.MultiIndex.from_product([[labels.text("group.statistics")], list(statistics.index)])
    sentences = [
        uncertainty_note(options, labels),
        stars_note(options, labels),
        *estimation_notes({"outcome": outcome}, labels),
        *_convention_notes(fits, labels),
        *notes,
        *samples_notes({c: (f.n, f.periods) for c, f in fits.items()}, labels),
        source_note(labels),
    ]
    return build_table(
        identifier,
        labels,
        data=estimates_frame(fits),
        display=pd.concat([coefficients, statistics]),
        notes=sentences,
        kind="estimates",
        part=part,
    )


def estimates_frame(fits: Mapping[str, Estimate]) -> pd.DataFrame:
    """Return estimates and model statistics in full precision.

    Parameters
    ----------
    fits : mapping of str to Estimate
        Fit by heading of the column.

    Returns
    -------
    DataFrame
        column, model, kind (``"coefficient"`` or ``"statistic"``), name, estimate, std_error, t, p_value.
    """
    rows: list[dict[str, Any]] = []
    for column, fit in fits.items():
        about = {"column": column, "model": fit.model}
        errors, t, p = fit.std_errors, fit.tstats, fit.pvalues
        for name, value in _parameters(fit).items():
            found = {"std_error": errors.get(name), "t": t.get(name), "p_value": p.get(name)}
            rows.append({**about, "kind": "coefficient", "name": name, "estimate": value, **found})
        for name, (value, _) in _statistics(fit, TableOptions()).items():
            if name == VARIANCE:
                continue
            rows.append({**about, "kind": "statistic", "name": name, "estimate": value})
    return pd.DataFrame(rows)


def _parameters(fit: Estimate) -> dict[str, float]:
    values = {str(name): float(value) for name, value in fit.params.items()}
    sigma2 = getattr(fit, "sigma2", None)
    return values if sigma2 is None else {**values, "sigma2": float(sigma2)}


def _terms(fits: Sequence[Estimate]) -> list[str]:
    names = list(dict.fromkeys(name for fit in fits for name in _parameters(fit)))
    own = [t for t in names if not t.startswith("W_") and t not in (*SPATIAL_PARAMETERS, VARIANCE)]
    lagged = [t for t in names if t.startswith("W_")]
    return [*own, *lagged, *(t for t in SPATIAL_PARAMETERS if t in names)]


def _coefficient_cells(fit: Estimate, terms: Sequence[str], options: TableOptions) -> pd.Series:
    values, errors, t, p = fit.params, fit.std_errors, fit.tstats, fit.pvalues
    cells = []
    for term in terms:
        if term in values:
            cells.append(starred(values[term], p[term], options))
            cells.append(in_parentheses(errors[term], t[term], p[term], options))
        else:
            cells += ["", ""]
    return pd.Series(cells, dtype=object)


def _statistics(fit: Estimate, options: TableOptions) -> dict[str, tuple[float, Callable[[float], str]]]:
    """Return each model statistic with the function that prints it."""
    return {
        VARIANCE: (_parameters(fit)[VARIANCE], partial(number, decimals=options.decimals)),
        "loglik": (fit.loglik, partial(number, decimals=LIKELIHOOD_DECIMALS)),
        "aic": (fit.aic, partial(number, decimals=LIKELIHOOD_DECIMALS)),
        "bic": (fit.bic, partial(number, decimals=LIKELIHOOD_DECIMALS)),
        "r2_transformed": (transformed_r2(fit), partial(number, decimals=R2_DECIMALS)),
        "units": (fit.n, count),
        "periods": (fit.T, count),
        "observations": (fit.n * fit.T, count),
        "n_effective": (fit.n_effective, count),
    }


def _statistic_cells(fit: Estimate, labels: Labels, options: TableOptions) -> pd.Series:
    facts = {
        "effects": fit.effects_structure,
        "correction": fit.convention,
        "covariance": fit.covariance_kind,
    }
    cells = {labels.text(f"stat.{kind}"): labels.text(f"short.{kind}.{key}") for kind, key in facts.items()}
    cells |= {
        labels.text(f"stat.{name}"): show(value) for name, (value, show) in _statistics(fit, options).items()
    }
    return pd.Series(cells, dtype=object)


def transformed_r2(fit: Estimate) -> float:
    """Return ``1 - e'e / y~'y~``: e the innovations, y~ the outcome after the effects are removed.

    NaN for a fit that was read back without its arrays, and for random effects: they are not removed, so that
    the level of the outcome would count as explained. With a spatial lag, e is what W y and X together leave
    unexplained.

    Parameters
    ----------
    fit : Estimate
        Estimates with their residuals.

    Returns
    -------
    float
    """
    from shuyi.spatialpanel.transforms import within

    if fit.residual_values is None or fit.outcome_values is None:
        return float("nan")
    if fit.effects_structure not in ("pooled", "individual", "time", "twoways"):
        return float("nan")
    outcome = fit.outcome_values
    if fit.effects_structure == "pooled":
        outcome = outcome - outcome.mean()
    deviations = within(outcome, fit.effects_structure)
    return float(1 - np.sum(fit.residual_values**2) / np.sum(deviations**2))


def fact_notes(fits: Mapping[str, Estimate], labels: Labels) -> list[str]:
    """Return the sentences on fixed effects, correction and covariance, naming columns where they differ.

    Parameters
    ----------
    fits : mapping of str to Estimate
        By heading of the column.
    labels : Labels
        Texts in the language of the output.

    Returns
    -------
    list of str
        One sentence or more per fact.
    """
    used = list(fits.values())
    notes = []
    for kind, attribute in (
        ("effects", "effects_structure"),
        ("correction", "convention"),
        ("covariance", "covariance_kind"),
    ):
        values = list(dict.fromkeys(getattr(f, attribute) for f in used))
        texts = [_of_columns(labels.text(f"{kind}.{v}"), v, attribute, fits, labels) for v in values]
        notes.append(labels.text(f"note.{kind}", text=joined(texts, labels)))
    return notes


def _convention_notes(fits: Mapping[str, Estimate], labels: Labels) -> list[str]:
    notes = [*fact_notes(fits, labels), *_interval_notes(fits, labels), labels.text("note.r2_transformed")]
    if len({f.n_effective for f in fits.values()}) > 1:
        notes.append(labels.text("note.loglik_not_comparable"))
    return notes


def _of_columns(text: str, value: str, attribute: str, fits: Mapping[str, Estimate], labels: Labels) -> str:
    columns = [c for c, f in fits.items() if getattr(f, attribute) == value]
    if len(columns) == len(fits):
        return text
    return labels.text("note.of_columns", text=text, columns=joined(columns, labels))


def _interval_notes(fits: Mapping[str, Estimate], labels: Labels) -> list[str]:
    found: dict[tuple[float, float], list[str]] = {}
    for fit in fits.values():
        for name, bounds in fit.intervals.items():
            names = found.setdefault((float(bounds[0]), float(bounds[1])), [])
            if labels.text(f"symbol.{name}") not in names:
                names.append(labels.text(f"symbol.{name}"))
    return [
        labels.text(
            "note.interval",
            parameters=joined(names, labels),
            low=number(low, BOUND_DECIMALS),
            high=number(high, BOUND_DECIMALS),
        )
        for (low, high), names in found.items()
    ]


def _common_outcome(fits: Mapping[str, Estimate]) -> str:
    outcomes = dict.fromkeys(f.outcome for f in fits.values())
    if len(outcomes) > 1:
        raise DataError(
            "Columns of one table have different outcomes.",
            expected="one outcome, which the note states",
            found=offenders(outcomes),
            remedy="put them in tables of their own",
        )
    return next(iter(outcomes))


def effects_table(
    effects: Sequence[ModelEffects],
    labels: Labels,
    options: TableOptions,
    *,
    fits: Mapping[str, Estimate],
    notes: Sequence[str] = (),
    identifier: str = "effects",
    part: str = "",
) -> Table:
    """Return the table of direct, indirect and total effects with simulated and delta-method errors.

    The first model is shown with both errors and both intervals, the others with their simulated errors; the
    data hold everything for all.

    Parameters
    ----------
    effects : sequence of ModelEffects
        One block of rows per model, the headline model first.
    labels : Labels
        Texts in the language of the output.
    options : TableOptions
        Decimals, levels of stars, and what stands in parentheses below an estimate.
    fits : mapping of str to Estimate
        The estimates that the effects rest on, by heading of the model: what the notes state of each.
    notes : sequence of str, default empty
        Further sentences, such as the weights and their islands.
    identifier, part : str
        Name of the table, and what it covers where there are several of its kind.

    Returns
    -------
    Table
        Numbers in full precision, cells as printed, and notes.

    Raises
    ------
    DataError
        If models differ in draws, seed or level, which one note must state for all.
    """
    first, *others = effects
    _check_one_simulation(effects)
    blocks = [_effect_block(first, _DETAILED, labels, options)]
    blocks += [_effect_block(e, _BRIEF, labels, options) for e in others]
    sentences = [
        labels.text("table.effects.note", level=f"{100 * first.level:g}"),
        stars_note(options, labels),
        *estimation_notes({"outcome": _common_outcome(fits)}, labels),
        *fact_notes(fits, labels),
        *simulation_notes(
            *(first.draws, first.seed, labels),
            outside=max(e.share_redrawn for e in effects),
            error=max(e.simulation_error for e in effects),
        ),
        *notes,
        *samples_notes({e.column: (fits[e.column].n, fits[e.column].periods) for e in effects}, labels),
        source_note(labels),
    ]
    data = [e.frame.assign(column=e.column, draws=e.draws, seed=e.seed, level=e.level) for e in effects]
    return build_table(
        identifier,
        labels,
        data=pd.concat(data),
        display=pd.concat(blocks),
        notes=sentences,
        kind="effects",
        part=part,
    )


def _estimate_cell(row: pd.Series, options: TableOptions) -> str:
    return starred(row["estimate"], row["p_value"], options)


def _error_cell(column: str, brackets: str) -> Callable[[pd.Series, TableOptions], str]:
    def cell(row: pd.Series, options: TableOptions) -> str:
        text = number(row[column], options.decimals)
        return text if text == MISSING else f"{brackets[0]}{text}{brackets[1]}"

    return cell


def _interval_cell(low: str, high: str) -> Callable[[pd.Series, TableOptions], str]:
    return lambda row, options: interval(row[low], row[high], options.decimals)


Line = tuple[str, Callable[[pd.Series, TableOptions], str]]
_BRIEF: tuple[Line, ...] = (("", _error_cell("std_error", "()")),)
_DETAILED: tuple[Line, ...] = (
    ("row.std_error", _error_cell("std_error", "()")),
    ("row.std_error_delta", _error_cell("std_error_delta", "[]")),
    ("row.interval", _interval_cell("ci_low", "ci_high")),
    ("row.interval_delta", _interval_cell("ci_low_delta", "ci_high_delta")),
)
"""Lines below an estimate: key of the line's label (or nothing) and what is printed."""


def _effect_block(
    effects: ModelEffects, lines: Sequence[Line], labels: Labels, options: TableOptions
) -> pd.DataFrame:
    rows = {(str(r["term"]), str(r["component"])): r for _, r in effects.frame.iterrows()}
    terms = list(dict.fromkeys(term for term, _ in rows))
    below = [f"\u2003{labels.text(key)}" if key else "" for key, _ in lines]
    shown = [_estimate_cell, *(show for _, show in lines)]
    cells = {
        labels.text(f"effect.{component}"): [
            show(rows[(term, component)], options) for term in terms for show in shown
        ]
        for component in COMPONENTS
    }
    names = [name for term in terms for name in (labels.term(term), *below)]
    return pd.DataFrame(cells, index=pd.MultiIndex.from_product([[effects.column], names]))


def _check_one_simulation(effects: Sequence[ModelEffects]) -> None:
    settings = {e.column: (e.draws, e.seed, e.level) for e in effects}
    if len(set(settings.values())) > 1:
        raise DataError(
            "Effects of one table rest on different simulations.",
            expected="the same draws, seed and level in every model",
            found="; ".join(f"{c}: draws {d}, seed {s}, level {v:g}" for c, (d, s, v) in settings.items()),
        )


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis: the tests of the headline, and two tables per table of the sheet.

    Parameters
    ----------
    page : Page
        Frames, settings and words of the analysis.

    Returns
    -------
    list of Table
        In the order of the paper.
    """
    p = page.settings
    fits = page.sources.fits("fits", p["fits"])
    weights = page.sources.all_weights("weights", p["weights"])
    frames = page.sources.listed("effects", p["effects"])
    told = dict(zip(p["fits"], page.sources.all_data("told").values(), strict=True))
    tables = [_print_tests(fits, told, weights, page)]
    headline = p["headline"]["id"]
    chosen = choice_note(_completed(page.sources.frame("tests", text=["spec", "note"])), page.labels)
    for asked in p["tables"]:
        own_fits = {column: fits[spec] for spec, column in asked["columns"].items()}
        own_told = {column: told[spec] for spec, column in asked["columns"].items()}
        own_weights = {name: weights[name] for name in asked["weights"]}
        notes = [
            *caveat_notes(own_told, page.labels, main=_main(own_told, asked)),
            *([chosen] if headline in asked["columns"] else []),
            *all_weights_notes(own_weights, page.labels),
        ]
        part = asked["part"]
        tables.append(
            estimates_table(
                own_fits, page.labels, page.options, notes=notes, identifier=asked["estimates"], part=part
            )
        )
        if asked["with_effects"]:
            columns = {asked["columns"][spec]: frames[spec] for spec in asked["with_effects"]}
            tables.append(_print_effects(asked, columns, own_fits, own_told, own_weights, page))
    return tables


def _main(told: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """Return the column whose caveats are told in full: the first with effects, or the first."""
    specs = asked["with_effects"] or list(asked["columns"])
    return str(asked["columns"][specs[0]]) if specs else next(iter(told))


def _print_tests(
    fits: Mapping[str, Estimate],
    told: Mapping[str, Mapping[str, Any]],
    weights: Mapping[str, Weights],
    page: Page,
) -> Table:
    p, labels = page.settings, page.labels
    headline = p["headline"]
    return specification_tests_table(
        page.sources.frame("tests", text=["spec", "note"]),
        labels,
        page.options,
        fit=fits[headline["id"]],
        notes=[
            *caveat_notes({p["headline"]["column"]: told[headline["id"]]}, labels),
            *weights_notes(headline["weights"], weights[headline["weights"]], labels),
        ],
        permutations=p["permutations"],
        seed=p["seed"],
    )


def _print_effects(
    asked: Mapping[str, Any],
    frames: Mapping[str, pd.DataFrame],
    fits: Mapping[str, Estimate],
    told: Mapping[str, Mapping[str, Any]],
    weights: Mapping[str, Weights],
    page: Page,
) -> Table:
    fits = {column: fits[column] for column in frames}
    caveats = caveat_notes(
        {column: told[column] for column in frames},
        page.labels,
        df={column: float(frame["df"].iloc[0]) for column, frame in frames.items()},
    )
    answer = [answer_note(page.sources.data("answer"), page.labels)] if page.settings["answered"] else []
    return effects_table(
        model_effects(frames),
        page.labels,
        page.options,
        fits=fits,
        notes=[*caveats, *answer, *all_weights_notes(weights, page.labels)],
        identifier=asked["effects"],
        part=asked["part"],
    )
