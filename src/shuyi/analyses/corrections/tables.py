"""The table of fixed effects, corrections and dynamics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from shuyi.analyses.base import Page
from shuyi.analyses.corrections.forms import CORRELATED, DIFFERENCED, DYNAMIC, JOINER, STATIC, TIME_LAGS
from shuyi.publish.notes import caveat_notes, sample_note, source_note, stars_note, weights_notes
from shuyi.publish.numbers import MISSING, TableOptions, equals, number, starred
from shuyi.publish.table import Table, build_table
from shuyi.spatialpanel.effects import COMPONENTS

if TYPE_CHECKING:
    from shuyi.publish.labels import Labels

INDENT = "\u2003"
ABOUT = ["kind", "effects", "correction", "dynamics", "horizon"]
SHORT, LONG = "short", "long"


def form_name(form: Mapping[Any, Any], labels: Labels) -> tuple[str, str]:
    """Return group and name of a form as printed.

    Parameters
    ----------
    form : mapping
        A row of `forms.forms_frame`.
    labels : Labels
        Words.

    Returns
    -------
    (str, str)
        What its rows are grouped under, and the row's own name.
    """
    corrections = str(form["correction"] or "").split(JOINER)
    named = " = ".join(labels.text(f"corrections.correction.{c}") for c in corrections if c)
    if form["kind"] == STATIC:
        effects = labels.text(f"effects.{form['effects']}")
        return labels.text("corrections.group.static", effects=effects), named
    if form["kind"] in (DIFFERENCED, CORRELATED):
        return labels.text("corrections.group.other"), labels.text(f"corrections.form.{form['kind']}")
    lags = labels.text(f"corrections.dynamics.{form['dynamics']}")
    run = labels.text(f"corrections.horizon.{form['horizon']}", form=named)
    return labels.text("corrections.group.dynamic", lags=lags), run


def corrections_table(
    forms: pd.DataFrame,
    labels: Labels,
    options: TableOptions,
    *,
    settings: Mapping[str, Any],
    notes: Sequence[str] = (),
) -> Table:
    """Return the effects of the term under every form of the headline.

    Parameters
    ----------
    forms : DataFrame
        As `forms.forms_frame` gives them.
    labels : Labels
        Words in the language of the table.
    options : TableOptions
        Decimals and stars.
    settings : mapping
        As the declaration gives them.
    notes : sequence of str
        Further sentences.

    Returns
    -------
    Table
        Named ``corrections``.
    """
    blocks = [_block(rows, labels, options) for _, rows in forms.groupby(ABOUT, sort=False)]
    spec = settings["specification"]
    sentences = [
        labels.text(
            "table.corrections.note",
            term=labels.term(settings["term"]),
            outcome=labels.term(spec["outcome"]),
            covariance=labels.text(f"covariance.{spec['covariance']}"),
            power=f"{100 * settings['power']:.0f}",
        ),
        stars_note(options, labels),
        *dynamics_sentences(forms, settings["compared"], spec, labels),
        _mundlak_sentence(forms, labels),
        *_refused(forms, labels),
        *notes,
        source_note(labels),
    ]
    return build_table("corrections", labels, data=forms, display=pd.concat(blocks), notes=sentences)


def _block(rows: pd.DataFrame, labels: Labels, options: TableOptions) -> pd.DataFrame:
    about, digits = rows.iloc[0], options.decimals
    cells: dict[str, list[str]] = {}
    for name in ("rho", *TIME_LAGS):
        is_known = about["horizon"] == SHORT
        value, error = (about[name], about[f"{name}_std_error"]) if is_known else (None, None)
        cells[labels.text(f"corrections.parameter.{name}")] = [number(value, digits), _error(error, digits)]
    for component, row in rows.set_index("component").loc[list(COMPONENTS)].iterrows():
        cells[labels.text(f"effect.{component}")] = [
            starred(row["estimate"], row["p_value"], options),
            _error(row["std_error"], digits),
        ]
        if component == "indirect":
            cells[labels.text("column.detectable")] = [number(row["detectable"], digits), ""]
    cells[labels.text("column.radius")] = [number(about["radius"], digits), ""]
    group, name = form_name(about, labels)
    index = pd.MultiIndex.from_tuples([(group, name), (group, INDENT + labels.text("row.own_error"))])
    order = ["direct", "indirect", "total"]
    heads = [labels.text(f"corrections.parameter.{p}") for p in ("rho", *TIME_LAGS)]
    heads += [labels.text(f"effect.{c}") for c in order]
    heads += [labels.text("column.detectable"), labels.text("column.radius")]
    return pd.DataFrame(cells, index=index)[heads]


def _error(value: float | None, digits: int) -> str:
    text = number(value, digits)
    return text if text == MISSING else f"({text})"


def dynamics_sentences(
    forms: pd.DataFrame, compared: str, specification: Mapping[str, Any], labels: Labels
) -> list[str]:
    """Return what changes when dynamics are allowed, and which estimates are no results.

    Parameters
    ----------
    forms : DataFrame
        As `forms.forms_frame` gives them.
    compared : str
        The lags in time whose estimates are set beside the static ones, or ``"none"``.
    specification : mapping
        The headline.
    labels : Labels
        Words.

    Returns
    -------
    list of str
        None where no dynamic estimate was asked for or none is known.
    """
    dynamic = forms[(forms["kind"] == DYNAMIC) & forms["radius"].notna()]
    if dynamic.empty:
        return []
    sentences = []
    here = dynamic[(dynamic["dynamics"] == compared) & (dynamic["stable"] == "yes")]
    if not here.empty:
        sentences.append(_comparison(forms, here, specification, labels))
    outside = dynamic[dynamic["stable"] == "no"].drop_duplicates(ABOUT)
    total = len(dynamic[dynamic["horizon"] == SHORT].drop_duplicates(ABOUT))
    named = [
        labels.text(
            "corrections.outside.form",
            lags=labels.text(f"corrections.dynamics.{row['dynamics']}"),
            form=labels.text(f"corrections.correction.{row['correction']}"),
            radius=number(row["radius"], 3),
        )
        for row in outside.to_dict("records")
    ]
    listed = labels.text("distribution.semicolon").join(named)
    key = "corrections.outside.some" if named else "corrections.outside.none"
    sentences.append(labels.text(key, count=len(named), total=total, forms=listed))
    return sentences


def _comparison(
    forms: pd.DataFrame, here: pd.DataFrame, specification: Mapping[str, Any], labels: Labels
) -> str:
    static = _static_effects(forms, specification)
    preferred = here[here["correction"] == specification["correction"]]
    used = preferred if not preferred.empty else here[here["correction"] == here["correction"].iloc[-1]]
    about = used.iloc[0]
    values = {f"static_{c}": number(static[c], 3) for c in ("direct", "indirect")}
    for horizon in (SHORT, LONG):
        rows = used[used["horizon"] == horizon].set_index("component")
        for component in ("direct", "indirect"):
            row = rows.loc[component]
            values[f"{horizon}_{component}"] = number(row["estimate"], 3)
            values[f"{horizon}_{component}_low"] = number(row["ci_low"], 3)
            values[f"{horizon}_{component}_high"] = number(row["ci_high"], 3)
    excludes = (used["ci_low"] > 0) | (used["ci_high"] < 0)
    return labels.text(
        "corrections.change.some" if excludes.any() else "corrections.change.none",
        lags=labels.text(f"corrections.dynamics.{about['dynamics']}"),
        form=labels.text(f"corrections.correction.{about['correction']}"),
        tau=number(about["tau"] if pd.notna(about["tau"]) else 0.0, 3),
        radius=number(about["radius"], 3),
        redrawn=f"{100 * about['share_redrawn']:.0f}",
        **values,
    )


def _static_effects(forms: pd.DataFrame, specification: Mapping[str, Any]) -> pd.Series:
    static = forms[(forms["kind"] == STATIC) & (forms["effects"] == specification["effects"])]
    named = static["correction"].map(lambda c: specification["correction"] in str(c).split(JOINER))
    first = static["correction"] == static["correction"].iloc[0]
    return static[named if named.any() else first].set_index("component")["estimate"]


def _mundlak_sentence(forms: pd.DataFrame, labels: Labels) -> str:
    found = forms[(forms["kind"] == CORRELATED) & forms["mundlak_p"].notna()]
    if found.empty:
        return ""
    return labels.text("corrections.mundlak", p=equals(float(found["mundlak_p"].iloc[0]), 3))


def _refused(forms: pd.DataFrame, labels: Labels) -> list[str]:
    found = forms[forms["reason"].fillna("").ne("")].drop_duplicates(ABOUT)
    return [
        labels.text("corrections.refused", form=": ".join(form_name(row, labels)), reason=row["reason"])
        for row in found.to_dict("records")
    ]


def read_forms(page: Page) -> pd.DataFrame:
    """Return the frame of forms with its texts.

    Parameters
    ----------
    page : Page
        What printing and drawing work with.

    Returns
    -------
    DataFrame
        See `forms.forms_frame`.
    """
    texts = [*ABOUT, "stable", "covariance", "reason"]
    return page.sources.frame("forms", text=texts).fillna(dict.fromkeys(texts, ""))


def print_tables(page: Page) -> list[Table]:
    """Return the table of the analysis.

    Parameters
    ----------
    page : Page
        What printing works with.

    Returns
    -------
    list of Table
        One table.
    """
    p, labels, sources = page.settings, page.labels, page.sources
    spec = p["specification"]
    weights = weights_notes(spec["weights"], sources.weights("weights"), labels)
    forms = read_forms(page)
    name = labels.text("corrections.headline")
    years = [int(year) for year in p["years"]]
    notes = [
        sample_note(int(forms["n"].max()), years, labels),
        *weights,
        *caveat_notes({name: sources.data("found")}, labels),
    ]
    return [corrections_table(forms, labels, page.options, settings=p, notes=notes)]
