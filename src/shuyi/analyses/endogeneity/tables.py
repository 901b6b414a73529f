"""Tables of instruments and of sensitivity to omitted variables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.endogeneity.equations import ALONE, EQUATIONS, GMM, LEAST_SQUARES, S2SLS, SLX
from shuyi.analyses.headline import headline_notes
from shuyi.publish.notes import joined, label_or, source_note, stars_note, uncertainty_note
from shuyi.publish.numbers import (
    MISSING,
    TableOptions,
    in_parentheses,
    interval,
    number,
    p_value,
    starred,
)
from shuyi.publish.table import Table, build_table

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

EFFECTS = ("direct", "indirect", "total")
F_DECIMALS = 2


def set_name(name: str, labels: Labels) -> str:
    """Return the printed name of a set of instruments.

    Parameters
    ----------
    name : str
        Its name in the configuration, ``together`` or ``least_squares``.
    labels : Labels
        Words in the language of the table.

    Returns
    -------
    str
        Its label, or the name itself.
    """
    return label_or(labels, f"endogeneity.set.{name}", name)


class _Cells:
    """Cells of one set of instruments, by equation and row."""

    def __init__(self, frames: Mapping[str, pd.DataFrame], name: str, options: TableOptions) -> None:
        estimates, tests = frames["estimates"], frames["tests"]
        self.estimates = estimates[estimates["set"] == name]
        self.tests = tests[tests["set"] == name]
        self.options = options

    def estimate(self, equation: str, term: str) -> tuple[str, str, str]:
        """Return an estimate with stars, what stands below it, and the smallest detectable effect."""
        rows = self.estimates[(self.estimates["equation"] == equation) & (self.estimates["term"] == term)]
        if rows.empty:
            return MISSING, "", MISSING
        row = rows.iloc[0]
        t = row["estimate"] / row["std_error"]
        return (
            starred(row["estimate"], row["p_value"], self.options),
            in_parentheses(row["std_error"], t, row["p_value"], self.options),
            number(row["detectable"], self.options.decimals),
        )

    def of(self, equation: str, test: str, term: str = "") -> list[dict[str, Any]]:
        """Return the rows of a test."""
        rows = self.tests[(self.tests["equation"] == equation) & (self.tests["test"] == test)]
        return rows[rows["term"].fillna("") == term].to_dict("records")

    def statistic(self, equation: str, test: str, term: str = "") -> str:
        """Return a statistic, with its critical value in brackets where it has one."""
        rows = self.of(equation, test, term)
        if not rows:
            return MISSING
        text = number(rows[0]["statistic"], F_DECIMALS)
        critical = rows[0]["critical"]
        return text if pd.isna(critical) else f"{text} [{number(critical, F_DECIMALS)}]"

    def p(self, equation: str, test: str) -> str:
        """Return a p-value."""
        rows = self.of(equation, test)
        return p_value(rows[0]["p_value"], self.options.decimals) if rows else MISSING

    def intervals(self, equation: str, test: str, term: str, size: float | None = None) -> str:
        """Return the pieces of a confidence set."""
        rows = [r for r in self.of(equation, test, term) if size is None or r["critical"] == size]
        pieces = [(r["low"], r["high"]) for r in rows if not pd.isna(r["low"])]
        if rows and not pieces:
            return "∅"
        return " ∪ ".join(_piece(low, high, self.options.decimals) for low, high in pieces) or MISSING


def _piece(low: float, high: float, decimals: int) -> str:
    """Return an interval whose infinite ends are open."""
    text = interval(low, high, decimals)
    text = f"({text[1:]}" if np.isinf(low) else text
    return f"{text[:-1]})" if np.isinf(high) else text


def endogeneity_table(
    frames: Mapping[str, pd.DataFrame],
    labels: Labels,
    options: TableOptions,
    *,
    term: str,
    direct: Sequence[float],
    notes: Sequence[str] = (),
) -> Table:
    """Return estimates by set of instruments, their strength, and sets that hold whatever it is.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        ``estimates``, ``tests`` and ``verdicts`` of `frames.endogeneity_frames`.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    term : str
        The endogenous regressor.
    direct : sequence of float
        Direct effects of one standard deviation of an instrument that are allowed for.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``endogeneity``.
    """
    verdicts = frames["verdicts"]
    tried = [name for name in dict.fromkeys(frames["estimates"]["set"]) if name != LEAST_SQUARES]
    columns = {}
    for name in (LEAST_SQUARES, *tried):
        cells = _Cells(frames, name, options)
        columns[set_name(name, labels)] = dict(_rows(cells, labels, term, direct))
    display = pd.DataFrame(columns)
    display.index = pd.MultiIndex.from_tuples(display.index.tolist())
    last = (labels.text("endogeneity.group.verdict"), labels.text("endogeneity.row.survives"))
    passed = dict(zip(verdicts["set"], verdicts["survives"], strict=True))
    display.loc[last, :] = [
        MISSING if n == LEAST_SQUARES else labels.text(f"endogeneity.{'yes' if passed[n] else 'no'}")
        for n in (LEAST_SQUARES, *tried)
    ]
    display = display.drop(index=[i for i in display.index if (display.loc[i] == MISSING).all()])
    sentences = [
        verdict_sentence(verdicts, labels),
        labels.text("endogeneity.note", term=labels.term(term)),
        labels.text("endogeneity.note.strength"),
        labels.text("endogeneity.note.sets"),
        *_refused(frames, labels),
        stars_note(options, labels),
        uncertainty_note(options, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("endogeneity", labels, data=frames["tests"], display=display, notes=sentences)


def _rows(
    cells: _Cells, labels: Labels, term: str, direct: Sequence[float]
) -> list[tuple[tuple[str, str], str]]:
    rows: list[tuple[tuple[str, str], str]] = []
    lag = f"W_{term}"
    names = {name: labels.term(name) for name in (term, lag)}
    names |= {"rho": "ρ"} | {effect: labels.text(f"effect.{effect}") for effect in EFFECTS}
    terms = {ALONE: (term,), SLX: (term, lag), S2SLS: (term, lag, "rho", *EFFECTS)}
    terms[GMM] = terms[S2SLS]
    for equation in EQUATIONS:
        group = labels.text(f"endogeneity.group.{equation}")
        for variable in terms[equation]:
            value, below, smallest = cells.estimate(equation, variable)
            rows.append(((group, names[variable]), value))
            rows.append(((group, labels.text("endogeneity.row.error", term=names[variable])), below))
            if variable in (term, lag, "direct", "indirect") and equation in (ALONE, SLX, S2SLS):
                rows.append(
                    ((group, labels.text("endogeneity.row.detectable", term=names[variable])), smallest)
                )
        rows += [
            ((group, key), text) for key, text in _strength(cells, equation, names, labels, terms, direct)
        ]
    return rows


def _strength(
    cells: _Cells,
    equation: str,
    names: Mapping[str, str],
    labels: Labels,
    terms: Mapping[str, tuple[str, ...]],
    direct: Sequence[float],
) -> list[tuple[str, str]]:
    def row(key: str, **fields: object) -> str:
        return labels.text(f"endogeneity.row.{key}", **fields)

    if equation == GMM:
        return []
    if equation == S2SLS:
        found = [
            (row("conditional_f", term=names[v]), cells.statistic(equation, "conditional_f", v))
            for v in terms[equation]
            if v not in EFFECTS
        ]
        return [*found, (row("hansen"), cells.p(equation, "hansen"))]
    found = []
    for v in terms[equation]:
        found.append((row("first_stage", term=names[v]), cells.statistic(equation, "first_stage", v)))
        found.append((row("effective_f", term=names[v]), cells.statistic(equation, "effective_f", v)))
    found.append((row("rank"), cells.p(equation, "rank")))
    found.append((row("anderson_rubin"), cells.p(equation, "anderson_rubin")))
    for v in terms[equation]:
        found.append((row("set", term=names[v]), cells.intervals(equation, "set", v)))
        found.append((row("tf", term=names[v]), cells.intervals(equation, "tf", v)))
        found += [
            (row("plausible", term=names[v], size=f"{d:g}"), cells.intervals(equation, "plausible", v, d))
            for d in direct
        ]
    return found


def verdict_sentence(verdicts: pd.DataFrame, labels: Labels) -> str:
    """Return which sets of instruments pass their own tests.

    Parameters
    ----------
    verdicts : DataFrame
        Columns set, survives, reason.
    labels : Labels
        Words in the language of the table.

    Returns
    -------
    str
        One sentence.
    """
    passed = [set_name(str(name), labels) for name in verdicts.loc[verdicts["survives"], "set"]]
    if passed:
        return labels.text("endogeneity.verdict.some", sets=joined(passed, labels))
    return labels.text("endogeneity.verdict.none", count=len(verdicts))


def _refused(frames: Mapping[str, pd.DataFrame], labels: Labels) -> list[str]:
    verdicts, tests = frames["verdicts"], frames["tests"]
    found = [
        labels.text("endogeneity.refused", set=set_name(str(row.set), labels), reason=row.reason)
        for row in verdicts.itertuples()
        if row.reason
    ]
    for row in tests[tests["test"] == "refused"].to_dict("records"):
        equation = labels.text(f"endogeneity.group.{row['equation']}")
        name = labels.text("heading.part", whole=set_name(row["set"], labels), part=equation)
        found.append(labels.text("endogeneity.refused", set=name, reason=row["reason"]))
    return found


def objections(instruments: Mapping[str, Mapping[str, Any]], labels: Labels) -> list[str]:
    """Return what each instrument is and what is to be said against it.

    Parameters
    ----------
    instruments : mapping of str to mapping
        Entries of the configuration.
    labels : Labels
        Words, with the names of units.

    Returns
    -------
    list of str
        One sentence per instrument.
    """
    found = []
    for name, entry in instruments.items():
        fields = {
            "set": set_name(name, labels),
            "unit": labels.unit(entry.get("unit", "")),
            "sectors": joined([labels.term(s) for s in entry.get("sectors", ())], labels),
            "series": labels.term(entry["series"]) if "series" in entry else "",
            "level": labels.term(entry["level"]) if "level" in entry else "",
            "variable": labels.term(entry["variable"]) if "variable" in entry else "",
        }
        found.append(labels.text(f"endogeneity.objection.{entry['kind']}", **fields))
    return found


def sensitivity_table(
    sensitivity: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    compared: Sequence[str],
    notes: Sequence[str] = (),
) -> Table:
    """Return how strong omitted variables would have to be.

    Parameters
    ----------
    sensitivity : DataFrame
        As `equations.sensitivity_rows` gives it.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals.
    compared : sequence of str
        Controls that an omitted variable is compared with.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``sensitivity``.
    """
    d = options.decimals
    known = [name for name in compared if f"{name}_estimate" in sensitivity]
    lacking = joined([labels.term(name) for name in compared if name not in known], labels)
    cells: dict[str, list[str]] = {}
    for row in sensitivity.to_dict("records"):
        values = {
            labels.text("sensitivity.estimate"): number(row["estimate"], d),
            labels.text("sensitivity.uncontrolled"): number(row["uncontrolled"], d),
            labels.text("sensitivity.r2"): number(row["r2"], d),
            labels.text("sensitivity.r2_max"): number(row["r2_max"], d),
            labels.text("sensitivity.partial_r2"): number(row["partial_r2"], d),
            labels.text("sensitivity.robustness_value"): number(row["robustness_value"], d),
            labels.text("sensitivity.delta"): number(row["delta"], d),
        }
        for name in known:
            values[labels.text("sensitivity.bound", term=labels.term(name))] = number(
                row[f"{name}_estimate"], d
            )
        cells[labels.term(row["term"])] = list(values.values())
        index = list(values)
    display = pd.DataFrame(cells, index=index)
    sentences = [
        labels.text("sensitivity.note"),
        labels.text("sensitivity.note.delta"),
        labels.text("sensitivity.note.lacking", terms=lacking) if lacking else "",
        *notes,
        source_note(labels),
    ]
    return build_table("sensitivity", labels, data=sensitivity, display=display, notes=sentences)


def print_tables(page: Page) -> list[Table]:
    """Return the tables of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        Instruments, and sensitivity to omitted variables.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    frames = {
        "estimates": sources.frame("estimates", text=["set", "equation", "term"]),
        "tests": sources.frame("tests", text=["set", "equation", "test", "term", "shape", "reason"]),
        "verdicts": sources.frame("verdicts", text=["set", "reason"]),
    }
    sample = frames["estimates"].iloc[0]
    panel = sources.panel("panel")
    notes = headline_notes(
        {
            **p,
            "covariance": "cluster_jackknife",
            "specification": {**p["specification"], "correction": "dummies"},
        },
        *(sources.weights("weights"), int(sample["n"]), panel.periods, labels),
    )
    return [
        endogeneity_table(
            frames,
            labels,
            page.options,
            term=p["term"],
            direct=p["direct_effects"],
            notes=[*objections(p["instruments"], labels), *notes],
        ),
        sensitivity_table(
            sources.frame("sensitivity", text=["term"]),
            labels,
            page.options,
            compared=p["benchmarks"],
            notes=notes,
        ),
    ]
