"""What the text of the paper says in numbers and names: computed from the results, never typed.

A number is a dictionary with its ``value`` in full precision and the ``text`` that a sentence prints; an
estimate
has a ``verdict`` beside them, which decides the wording. A part whose analysis is off, or whose model has
no such number, is missing, and a template asks for it with ``has``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from shuyi.analyses.paper.equations import equations
from shuyi.analyses.robustness.answer import in_sentence, verdict
from shuyi.publish.notes import islands_notes, label_or
from shuyi.publish.numbers import count, number, p_value

if TYPE_CHECKING:
    import pandas as pd

    from shuyi.analyses.base import Sources
    from shuyi.publish.labels import Labels

Values = dict[str, Any]
DECIMALS = 3
ALPHA = 0.05
"""Level at which a test of the text rejects."""
WORDS = ("abstract", "keywords")


def paper_values(
    sources: Sources, frames: Mapping[str, Sources], settings: Mapping[str, Any], labels: Labels
) -> Values:
    """Return the numbers and names of the text by their paths.

    Parameters
    ----------
    sources : Sources
        Estimates, effects and caveats of the headline, its tests and weights, what is known of index and
        panel.
    frames : mapping of str to Sources
        The frames of each analysis of the run, by its id.
    settings : mapping
        ``headline``, ``sheet``, ``term``, ``estimation``, ``panel``, ``index``, ``seed`` as the
        configuration has them; ``items``, ``analyses``, ``style``.
    labels : Labels
        Words in the language of the run.

    Returns
    -------
    dict
        Plain values; the same for the same results.
    """
    headline = settings["headline"]
    values: Values = {
        "language": labels.language,
        "words": {name: labels.text(f"paper.{name}") for name in WORDS}
        | {"separator": labels.text("table.list_separator")},
        "style": settings["style"],
        "study": _study(sources, settings),
        "index": _index(sources, settings, labels),
        "headline": _headline(sources, settings, labels),
        "equations": equations(settings["sheet"]),
        "tests": _tests(sources.frame("tests"), headline["effects"]),
        "weights": _weights(sources, headline, labels),
        "items": _items(settings, labels),
        "first": list(settings["first"]),
        "analyses": _analyses(frames, settings, labels),
    }
    if settings["style_file"]:
        values["style-file"] = True
    if "answer" in settings["has"]:
        values["answer"] = sources.data("answer")["text"][labels.language]
    for name, make in {"autocorrelation": _moran, "ledger": _verdicts, "robustness": _robustness}.items():
        if name in frames:
            values[name] = make(frames[name], settings, labels)
    return values


def shown(value: float, decimals: int = DECIMALS) -> Values:
    """Return a number with its text.

    Parameters
    ----------
    value : float
        Number in full precision.
    decimals : int, default 3
        Digits after the point.

    Returns
    -------
    dict
        ``value`` and ``text``.

    Examples
    --------
    >>> from shuyi.analyses.paper.values import shown
    >>> shown(0.12345)
    {'value': 0.12345, 'text': '0.123'}
    """
    return {"value": float(value), "text": number(float(value), decimals)}


def counted(value: float) -> Values:
    """Return a whole number with its text.

    Parameters
    ----------
    value : float
        A whole number.

    Returns
    -------
    dict
        ``value`` and ``text``.
    """
    return {"value": int(value), "text": count(int(value))}


def tested(p: float) -> Values:
    """Return a p-value with its text and whether it rejects at five per cent.

    Parameters
    ----------
    p : float
        Probability.

    Returns
    -------
    dict
        ``value``, ``text`` such as ``= 0.031`` or ``< 0.001``, and ``rejects``.
    """
    text = p_value(p, DECIMALS)
    text = text.replace("<", "< ") if text.startswith("<") else f"= {text}"
    return {"value": float(p), "text": text, "rejects": bool(p < ALPHA)}


def estimated(row: Mapping[Any, Any], *, low: str = "ci_low", high: str = "ci_high") -> Values:
    """Return an estimate with its interval, error and verdict.

    Parameters
    ----------
    row : mapping
        ``estimate``, ``std_error``, ``p_value`` and the ends of the interval.
    low, high : str, default "ci_low", "ci_high"
        Names of the ends.

    Returns
    -------
    dict
        A number, with ``low``, ``high``, ``error``, ``p`` and ``verdict``.
    """
    return shown(row["estimate"]) | {
        "low": shown(row[low]),
        "high": shown(row[high]),
        "error": shown(row["std_error"]),
        "p": tested(row["p_value"]),
        "verdict": verdict(row[low], row[high]),
    }


def _study(sources: Sources, settings: Mapping[str, Any]) -> Values:
    fit, panel = sources.data("fit"), settings["panel"]
    return {
        "provinces": counted(fit["n"]),
        "years": counted(fit["T"]),
        "observations": counted(fit["n"] * fit["T"]),
        "first": str(panel["first_year"]),
        "last": str(panel["last_year"]),
        "base": str(panel["base_year"]),
        "imputed": counted(len(sources.rows("imputed"))),
        "seed": str(settings["seed"]),
        "alpha": f"{100 * ALPHA:g}%",
        "draws": counted(settings["estimation"]["draws"]),
    }


def _index(sources: Sources, settings: Mapping[str, Any], labels: Labels) -> Values:
    weights, about, scheme = sources.frame("index_weights"), sources.data("index"), sources.data("scheme")
    titles = {
        str(one["id"]): one["title"][labels.language]
        for dimension in scheme["dimensions"]
        for one in (dimension, *dimension["indicators"])
    }
    heaviest = weights.loc[weights["weight"].idxmax()]
    dimensions = weights.drop_duplicates("dimension").sort_values("dimension_weight", ascending=False)
    return {
        "scheme": label_or(labels, f"scheme.short.{about['scheme']}", scheme["title"][labels.language]),
        "weighting": in_sentence(labels.name("weighting", about["weighting"])),
        "weighting-id": about["weighting"],
        "note": labels.texts.get(f"weighting.{about['weighting']}.note", ""),
        "notes": [note[labels.language].strip() for note in scheme.get("notes", ())],
        "dimensions": counted(weights["dimension"].nunique()),
        "dimension-names": [in_sentence(titles[name]) for name in dimensions["dimension"]],
        "indicators": counted(len(weights)),
        "assumed": counted(len(about["assumed_cells"])),
        "heaviest": {
            "name": in_sentence(titles[heaviest["indicator"]]),
            "weight": shown(100 * heaviest["weight"], 1),
        },
        "lightest-weight": shown(100 * weights["weight"].min(), 1),
        "shared": counted(sum(map(len, sources.data("told")["shared"].values()))),
    }


def _headline(sources: Sources, settings: Mapping[str, Any], labels: Labels) -> Values:
    headline, fit, told = settings["headline"], sources.data("fit"), sources.data("told")
    term = told["term"] or settings["term"]
    found: Values = {
        "model": labels.text(f"paper.model.{headline['model']}"),
        "outcome": in_sentence(labels.term(headline["outcome"])),
        "term": in_sentence(labels.term(term)),
        "controls": [in_sentence(labels.term(name)) for name in headline["regressors"] if name != term],
        "regressors": counted(len(headline["regressors"])),
        "weights": in_sentence(labels.texts.get(f"weights.{headline['weights']}", headline["weights"])),
        "effects": labels.text(f"effects.{headline['effects']}"),
        "correction": labels.text(f"correction.{fit.get('convention') or headline['correction']}"),
        "covariance": labels.text(f"covariance.{told['covariance']}"),
        "level": f"{100 * settings['estimation']['confidence']:g}%",
        "power": f"{100 * settings['estimation']['power']:g}%",
        "specifications": counted(len(settings["sheet"])),
    }
    if told["df"]:
        found["df"] = {"value": told["df"], "text": f"{told['df']:g}"}
    if told["serial_p"] is not None:
        found["serial"] = tested(told["serial_p"])
    if told["influential"]:
        found |= {"influential": labels.unit(told["influential"]), "share": shown(100 * told["share"], 0)}
    found |= _effects(sources, settings, term, told)
    return found


def _effects(sources: Sources, settings: Mapping[str, Any], term: str, told: Mapping[str, Any]) -> Values:
    if "effects" not in settings["has"]:
        return {}
    frame = sources.frame("effects")
    rows = frame[frame["term"] == term].set_index("component").to_dict("index")
    found: Values = {}
    for component, row in rows.items():
        found[str(component)] = estimated(row)
        for name in ("detectable", "without"):
            if component in told[name]:
                found[str(component)][name] = shown(told[name][component])
    return found


def _tests(tests: pd.DataFrame, effects: str) -> Values:
    """Return each test once, under the effects of the headline where it has them; those by year left out."""
    rows = tests[tests["period"].isna()].sort_values("spec", key=lambda spec: spec == effects, kind="stable")
    known = rows.drop_duplicates("test", keep="last")
    return {
        str(row.test): {
            "statistic": shown(row.statistic, 2),
            "p": tested(row.p_value),
            **({} if row.df != row.df else {"df": counted(row.df)}),
        }
        for row in known.itertuples()
        if row.p_value == row.p_value
    }


def _weights(sources: Sources, headline: Mapping[str, Any], labels: Labels) -> Values:
    summary = sources.frame("weights_summary").set_index("weights")
    row = summary.loc[headline["weights"]]
    return {
        "matrices": counted(len(summary)),
        "names": [in_sentence(labels.texts.get(f"weights.{name}", str(name))) for name in summary.index],
        "neighbours": shown(row["neighbours_mean"], 1),
        "fewest": counted(row["neighbours_min"]),
        "most": counted(row["neighbours_max"]),
        "low": shown(row["interval_low"]),
        "high": shown(row["interval_high"]),
        "islands": islands_notes(sources.weights("weights"), labels),
    }


def _moran(frames: Sources, settings: Mapping[str, Any], labels: Labels) -> Values:
    found = frames.frame("moran")
    weights = settings["headline"]["weights"]
    if weights not in set(found["weights"]):
        weights = found["weights"].iloc[0]
    rows = found[(found["weights"] == weights) & (found["statistic"] == "moran")]
    return {
        "weights": in_sentence(labels.texts.get(f"weights.{weights}", weights)),
        "variables": [
            _moran_of(str(name), part, labels) for name, part in rows.groupby("variable", sort=False)
        ],
    }


def _moran_of(name: str, rows: pd.DataFrame, labels: Labels) -> Values:
    rows = rows.sort_values("period")
    return {
        "name": in_sentence(labels.term(name)),
        "first": shown(rows["value"].iloc[0]),
        "last": shown(rows["value"].iloc[-1]),
        "lowest": shown(rows["value"].min()),
        "highest": shown(rows["value"].max()),
        "years": counted(len(rows)),
        "significant": counted((rows["p_permuted"] < ALPHA).sum()),
        "positive": counted(((rows["p_permuted"] < ALPHA) & (rows["value"] > 0)).sum()),
    }


def _verdicts(frames: Sources, settings: Mapping[str, Any], labels: Labels) -> Values:
    rows = frames.frame("verdicts")
    run = rows[rows["estimate"].notna()]
    counts = {
        name: counted((run["verdict"] == name).sum()) for name in ("diffusion", "siphon", "no_evidence")
    }
    return {
        "weights": counted(len(run)),
        "multiplicity": str(rows["multiplicity"].iloc[0]),
        **{name.replace("_", "-"): found for name, found in counts.items()},
    }


def _robustness(frames: Sources, settings: Mapping[str, Any], labels: Labels) -> Values:
    effects = frames.frame("effects")
    rows = effects.dropna(subset=["estimate"])
    others = rows[(rows["variant"] != "headline") & rows["component"].isin(["direct", "indirect"])]
    outside = others[(others["ci_low"] > 0) | (others["ci_high"] < 0)]
    residuals = frames.frame("persistence").set_index("series").loc["residuals"]
    return {
        "variants": counted(others["variant"].nunique()),
        "outside": counted(len(outside)),
        "lowest": shown(others[others["component"] == "indirect"]["estimate"].min()),
        "highest": shown(others[others["component"] == "indirect"]["estimate"].max()),
        "persistence": shown(residuals["value"])
        | {"unit-root": shown(residuals["unit_root"]), "verdict": str(residuals["verdict"])},
    }


def _items(settings: Mapping[str, Any], labels: Labels) -> list[Values]:
    found = []
    for item in settings["items"]:
        kind = "table" if item["kind"] == "table" else "figure"
        called = labels.text(f"paper.{kind}", number=labels.number(item["name"]))
        key = "table.heading" if kind == "table" else "paper.caption"
        heading = labels.text(key, number=labels.number(item["name"]), title=item["title"])
        notes = "" if kind == "table" else _notes(item, labels)
        found.append({**item, "called": called, "heading": heading, "notes": notes})
    return found


def _notes(item: Mapping[str, Any], labels: Labels) -> str:
    """Return what a figure shows, and its source."""
    about = labels.texts.get(f"about.{item['base']}", "")
    return (" " if labels.language == "en" else "").join(filter(None, (about, labels.text("note.source"))))


def _analyses(frames: Mapping[str, Sources], settings: Mapping[str, Any], labels: Labels) -> list[Values]:
    """Return the analyses with tables or figures of their own behind those that open the paper."""
    titles = {item["name"]: item["title"] for item in settings["items"]}
    later = [item for item in settings["items"] if item["name"] not in settings["first"]]
    found = []
    for analysis in dict.fromkeys(item["analysis"] for item in later):
        names = [item["name"] for item in later if item["analysis"] == analysis]
        title = label_or(labels, f"paper.section.{analysis}", titles[names[0]])
        found.append({"id": analysis, "title": title, "items": names})
    return found
