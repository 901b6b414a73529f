"""The form: a printed table typed as YAML, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shuyi.errors import DataError, did_you_mean, offenders
from shuyi.review.numbers import Number, number, parse_number
from shuyi.review.readers.cells import parse_cell
from shuyi.review.readers.keys import COLUMN, KEYS, LM_KEYS, SPATIAL, known_keys, known_weight
from shuyi.review.readers.limits import MAX_DEPTH, check_large
from shuyi.review.readers.tests import assemble
from shuyi.review.table import (
    KINDS,
    MODELS,
    Column,
    Effect,
    Estimate,
    IndexWeight,
    LMBlock,
    MoranRow,
    PrintedTable,
    PrintedTest,
    has_figures,
    sharpened,
)
from shuyi.review.vocabulary import distribution_of, kind_of_test, model_named

MAX_FORM_BYTES = 1_000_000
DECIMAL = re.compile(r"\d*\.\d+")
ENOUGH_NUMBERS = 45
"""Decimal numbers of which one would end in zero but for one chance in a hundred."""
ZEROS_LOST = (
    "no number ends in zero: trailing zeros seem lost, so fewer digits count as printed; state `decimals: 3` "
    "or write numbers as text"
)
PARTS = ("direct", "indirect", "total")
NOTHING = ("", "~", "null", "none", "—", "-")


def read_form(text: str) -> list[PrintedTable]:
    """Read the tables of a form in YAML or JSON.

    Parameters
    ----------
    text : str
        One table, or ``tables:`` with a list of them. Digits are read as they are written, so that trailing
        zeros count as printed.

    Returns
    -------
    list of PrintedTable

    Raises
    ------
    DataError
        If the text is no YAML, has aliases, or holds a key that looks like a known one mistyped.

    Examples
    --------
    >>> table, = read_form("columns: [{name: SDM, b: {x: [0.121, 0.049, '**']}}]")
    >>> table.columns[0].b["x"].value.text, table.columns[0].b["x"].stars
    ('0.121', 2)
    """
    check_large(len(text.encode()), MAX_FORM_BYTES, "form")
    raw = _json(text) if text.lstrip().startswith("{") else _yaml(text)
    tables = raw.get("tables", raw) if isinstance(raw, Mapping) else raw
    entries = tables if isinstance(tables, list) else [tables]
    notes = (ZEROS_LOST,) if zeros_seem_lost(text) else ()
    read = [_table(_mapping(entry, "table")) for entry in entries]
    return [replace(table, notes=table.notes + notes) for table in read]


def zeros_seem_lost(text: str) -> bool:
    """Return whether no decimal number of a form ends in zero, as when a program wrote it.

    Parameters
    ----------
    text : str
        The form.

    Returns
    -------
    bool
    """
    found = DECIMAL.findall(text)
    return len(found) >= ENOUGH_NUMBERS and not any(n.endswith("0") and not n.endswith(".0") for n in found)


def _json(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return _yaml(text)


def _yaml(text: str) -> Any:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.AliasEvent):
                raise DataError(
                    "The form uses an alias.", expected="every value written out", found=f"*{event.anchor}"
                )
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise DataError("The form is nested too deeply.", expected=f"at most {MAX_DEPTH} levels")
        return yaml.load(text, Loader=loader)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise DataError(
            "The form is not YAML.",
            expected="the form that `shuyi check-table --template sdm` writes",
            found=f"line {place.line + 1}" if place else str(error)[:80],
        ) from error


def read_csv_form(text: str) -> PrintedTable:
    """Read the form as CSV: one printed number per line.

    Parameters
    ----------
    text : str
        Columns ``column, part, row, value, beside, stars``. ``part`` is ``b``, ``theta``, ``direct``,
        ``indirect``, ``total``, ``short_total`` and the like, ``test``, ``lm``, ``moran``, ``weight``,
        ``table``, or the name of a single number such as ``rho`` or ``logL``.

    Returns
    -------
    PrintedTable

    Raises
    ------
    DataError
        If a line has an unknown part.
    """
    check_large(len(text.encode()), MAX_FORM_BYTES, "form")
    form: dict[str, Any] = {"columns": []}
    for line, row in enumerate(csv.DictReader(io.StringIO(text)), start=2):
        cells = {str(k).strip(): (v or "").strip() for k, v in row.items() if k}
        _csv_line(form, cells, line)
    return _table({k: v for k, v in form.items() if v})


def is_csv_form(text: str) -> bool:
    """Return whether a text starts with the header of the CSV form.

    Parameters
    ----------
    text : str
        Content of a file.

    Returns
    -------
    bool
    """
    header = [cell.strip() for cell in text.split("\n", 1)[0].split(",")]
    return header[:4] == ["column", "part", "row", "value"]


def _csv_line(form: dict[str, Any], cells: Mapping[str, str], line: int) -> None:
    part, row, value = cells["part"], cells["row"], cells["value"]
    entry = [value, cells.get("beside", ""), cells.get("stars", "")]
    if part == "table":
        form[row] = value
    elif part in ("test", "chi2"):
        test = {"test": row, "stat": value, "p": cells.get("beside", ""), "column": cells["column"]}
        form.setdefault("tests", []).append({k: v for k, v in test.items() if v})
    elif part == "lm":
        blocks = form.setdefault("lm", [])
        _named(blocks, cells["column"])[row] = entry[:2]
    elif part == "moran":
        form.setdefault("moran", []).append(
            {"group": cells["column"], "year": row, "I": value, "z": entry[1]}
        )
    elif part == "weight":
        form.setdefault("entropy", []).append(
            {"indicator": row, "weight": value, "dimension": cells["column"]}
        )
    else:
        _csv_estimate(_named(form["columns"], cells["column"]), part, row, entry, line)


def _csv_estimate(column: dict[str, Any], part: str, row: str, entry: list[str], line: int) -> None:
    run, _, component = part.rpartition("_")
    if part in ("b", "theta"):
        column.setdefault(part, {})[row] = entry
    elif component in ("direct", "indirect", "total") and run in ("", "short", "long"):
        column.setdefault(run or "effects", {}).setdefault(row, {})[component] = entry
    elif part in KEYS[COLUMN]:
        column[part] = entry if part in SPATIAL else entry[0]
    else:
        raise DataError(
            "The form has an unknown part.",
            expected="b, theta, direct, indirect, total, test, lm, moran, weight, table or a single number",
            found=f"{part!r} in line {line}",
            remedy=did_you_mean(part, KEYS[COLUMN]),
        )


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found = next((e for e in entries if e["name"] == name), None)
    if found is None:
        found = {"name": name}
        entries.append(found)
    return found


def _table(raw: Mapping[str, Any]) -> PrintedTable:
    raw, left_out = known_keys(raw)
    columns = [
        _column(_mapping(c, "column"), i) for i, c in enumerate(_list(raw.get("columns", [])), start=1)
    ]
    columns += [_criteria(_mapping(c, "ic")) for c in _list(raw.get("ic", []))]
    loose = [_test(t) for key in ("chi2", "tests") for t in _filled(raw.get(key), "test", "stat")]
    loose += [_other(name, cells) for name, cells in _mapping(raw.get("other", {}), "other").items()]
    tests, blocks = assemble(loose)
    weights, dimensions = _weights(raw.get("entropy", []))
    names = raw.get("W", "")
    decimals = _count(raw.get("decimals"))
    columns = [sharpened(c, decimals) for c in columns] if decimals else columns
    return PrintedTable(
        id=_text(raw.get("id", "")),
        columns=tuple(c for c in columns if has_figures(c)),
        lm=(*_blocks(raw.get("lm", [])), *blocks),
        tests=tests,
        moran=tuple(_moran(m) for m in _filled(raw.get("moran"), "moran", "I")),
        index_weights=weights,
        dimension_weights=dimensions,
        N=_count(raw.get("N", raw.get("N_obs"))),
        n=_count(raw.get("n")),
        T=_count(raw.get("T")),
        beside=_choice(raw.get("paren_label", ""), ("", *KINDS), "paren_label"),
        stars=tuple(sorted((_level(s) for s in _list(raw.get("stars", []))), reverse=True)),
        weights=", ".join(map(_text, names)) if isinstance(names, list) else _text(names),
        row_standardised=_flag(raw.get("row_standardised")),
        w_min=None if _is_nothing(raw.get("w_min")) else number(_text(raw["w_min"])).value,
        structure=_text(raw.get("structure", "")),
        covariance=_text(raw.get("covariance", "")),
        simulated=_flag(raw.get("simulated")),
        balanced=_flag(raw.get("balanced")) is not False,
        equal_df=tuple(tuple(map(_text, names)) for names in _list(raw.get("equal_df", []))),
        units=_text(raw.get("units", "")),
        notes=tuple(f"left out: {key}" for key in left_out),
    )


def _column(raw: Mapping[str, Any], position: int) -> Column:
    name = _text(raw.get("name", position))
    model = _text(raw.get("model", "")).lower() or model_named(name)
    single: dict[str, Any] = {SPATIAL[k]: e for k in SPATIAL if (e := _spatial(raw, k)) is not None}
    numbers: dict[str, Any] = {
        key: _number(raw.get(k))
        for k, key in (("logL", "loglik"), ("R2", "r2"), ("AIC", "aic"), ("BIC", "bic"))
    }
    return Column(
        name=name,
        model=_choice(model, ("", *MODELS), "model"),
        b=_estimates(raw.get("b", {}), "b"),
        theta=_estimates(raw.get("theta", {}), "theta"),
        **single,
        **numbers,
        r2_label=_text(raw.get("R2_label", "")),
        N=_count(raw.get("N", raw.get("N_obs"))),
        n=_count(raw.get("n")),
        T=_count(raw.get("T")),
        n_effective=_count(raw.get("n_effective")),
        effects=_effects(raw.get("effects", {})),
        short=_effects(raw.get("short", {})),
        long=_effects(raw.get("long", {})),
    )


def _criteria(raw: Mapping[str, Any]) -> Column:
    return _column(
        {"name": raw.get("model", raw.get("name", "")), **{k: v for k, v in raw.items() if k != "model"}}, 1
    )


def _spatial(raw: Mapping[str, Any], key: str) -> Estimate | None:
    if _is_nothing(raw.get(key)):
        return None
    found = _estimate(raw[key], key)
    for kind in KINDS:
        beside = _number(raw.get(f"{key}_{kind}"))
        if beside is not None:
            return Estimate(found.value, beside, found.stars, kind)
    return found


def _estimates(raw: Any, what: str) -> dict[str, Estimate]:
    return {
        name: _estimate(cells, name) for name, cells in _mapping(raw, what).items() if not _is_nothing(cells)
    }


def _effects(raw: Any) -> dict[str, Effect]:
    found = {}
    for name, parts in _mapping(raw, "effects").items():
        given = _mapping(parts, f"effects of {name}")
        _check_unknown_parts(given, name)
        found[name] = Effect(
            **{k: _estimate(v, f"{name}, {k}") for k, v in given.items() if not _is_nothing(v)}
        )
    return found


def _estimate(raw: Any, place: str) -> Estimate:
    """Read ``[value, in parentheses, stars]`` or text such as ``0.121** (0.049)``."""
    cells = _list(raw)
    if not 1 <= len(cells) <= 3:
        raise DataError(
            "A cell of the form has the wrong number of entries.",
            expected="[value, number in parentheses, stars]",
            found=f"{len(cells)} entries at {place}",
        )
    parsed = parse_cell(_text(cells[0]))
    if parsed is None or parsed.value is None:
        raise _not_a_number(_text(cells[0]), place)
    beside = _number(cells[1], place) if len(cells) > 1 else parsed.beside
    stars = _stars(_text(cells[2]), place) if len(cells) == 3 else parsed.stars or None
    return Estimate(parsed.value, beside, stars)


def _stars(text: str, place: str) -> int:
    if text.strip("*"):
        raise DataError(
            "Stars of the form are other characters.", expected="*, ** or ***", found=f"{text!r} at {place}"
        )
    return len(text)


def _blocks(raw: Any) -> list[LMBlock]:
    return [
        _lm(entry)
        for b in _list(raw)
        if any(not _is_nothing((entry := _mapping(b, "lm")).get(k)) for k in LM_KEYS)
    ]


def _lm(raw: Mapping[str, Any]) -> LMBlock:
    found = {}
    for key, place in LM_KEYS.items():
        if not _is_nothing(raw.get(key)):
            cells = _list(raw[key])
            p = _number(cells[1]) if len(cells) > 1 else None
            kind = kind_of_test(key.replace("_", " "))
            df = 2 if place == "joint" else 1
            found[place] = PrintedTest(key, _needed(cells[0], key), p, df, None, "chi2", kind)
    return LMBlock(_text(raw.get("name", "")), **found)


def _test(raw: Mapping[str, Any]) -> PrintedTest:
    name = _text(raw.get("test", ""))
    stars = None if _is_nothing(raw.get("stars")) else _stars(_text(raw["stars"]), name)
    return PrintedTest(
        name,
        _needed(raw.get("stat", ""), name),
        _number(raw.get("p"), name),
        _count(raw.get("df")),
        stars,
        distribution_of(name, _text(raw.get("distribution", ""))),
        kind_of_test(name),
        _text(raw.get("column", "")),
    )


def _other(name: str, raw: Any) -> PrintedTest:
    cells = [*_list(raw), "", ""]
    return _test({"test": name, "stat": cells[0], "p": cells[1] if len(cells) > 1 else ""})


def _moran(raw: Mapping[str, Any]) -> MoranRow:
    place = _text(raw.get("year", ""))
    quadrants = tuple(c for q in _list(raw.get("quadrants", [])) if (c := _count(q)) is not None)
    return MoranRow(
        _text(raw.get("group", "")),
        place,
        _needed(raw.get("I", ""), place),
        _number(raw.get("z"), place),
        _number(raw.get("sd"), place),
        _number(raw.get("E"), place),
        _number(raw.get("p"), place),
        None if _is_nothing(raw.get("stars")) else _stars(_text(raw["stars"]), place),
        quadrants,
    )


def _weights(raw: Any) -> tuple[tuple[IndexWeight, ...], dict[str, Number]]:
    dimensions: dict[str, Number] = {}
    entries = raw
    if isinstance(raw, Mapping):
        entries = raw.get("weights", [])
        given = _mapping(raw.get("dimensions", {}), "dimensions")
        dimensions = {k: _needed(v, k) for k, v in given.items() if not _is_nothing(v)}
    if isinstance(entries, Mapping):
        entries = [{"indicator": k, **_weight_cells(v)} for k, v in entries.items()]
    rows = []
    known = [known_weight(_mapping(entry, "weight")) for entry in _list(entries)]
    for given in _filled(known, "weight", "weight"):
        name = _text(given.get("indicator", ""))
        weight, entropy = _needed(given.get("weight", ""), name), _number(given.get("entropy"), name)
        rows.append(IndexWeight(name, weight, entropy, _text(given.get("dimension", ""))))
    return tuple(rows), dimensions


def _filled(raw: Any, what: str, key: str) -> list[Mapping[str, Any]]:
    """Return the entries of a list whose main value was filled in."""
    entries = [_mapping(entry, what) for entry in _list(raw)]
    return [entry for entry in entries if not _is_nothing(entry.get(key))]


def _weight_cells(raw: Any) -> dict[str, Any]:
    return dict(zip(("weight", "entropy", "dimension"), _list(raw), strict=False))


def _mapping(raw: Any, what: str) -> Mapping[str, Any]:
    if isinstance(raw, Mapping):
        return {str(k): v for k, v in raw.items()}
    if _is_nothing(raw):
        return {}
    raise DataError(
        f"A part of the form, {what}, has another shape.", expected="names with values", found=repr(raw)[:60]
    )


def _list(raw: Any) -> Sequence[Any]:
    return raw if isinstance(raw, list) and raw else [] if _is_nothing(raw) else [raw]


def _text(raw: Any) -> str:
    if isinstance(raw, Mapping | list):
        raise DataError("A part of the form is nested where one value is expected.", found=repr(raw)[:60])
    return "" if raw is None else str(raw).strip()


def _is_nothing(raw: Any) -> bool:
    """Return whether a value of the form was left empty; so is a cell of which nothing was filled in."""
    if isinstance(raw, list):
        return all(_is_nothing(item) for item in raw)
    return raw is None or (isinstance(raw, str) and raw.strip().lower() in NOTHING)


def _number(raw: Any, place: str = "") -> Number | None:
    if _is_nothing(raw) or raw == []:
        return None
    return _needed(raw, place)


def _needed(raw: Any, place: str) -> Number:
    found = parse_number(_text(raw).strip("()[]"))
    if found is None:
        raise _not_a_number(_text(raw), place)
    return found


def _not_a_number(text: str, place: str) -> DataError:
    return DataError(
        "A cell of the form is not a number.",
        expected="digits as printed, such as -0.127 or <0.001",
        found=f"{text[:40]!r}" + (f" at {place}" if place else ""),
        remedy="leave out what is not printed",
    )


def _count(raw: Any) -> int | None:
    found = _number(raw)
    if found is None:
        return None
    if found.value != int(found.value) or found.value < 1:
        raise DataError("A count of the form is not a whole number above zero.", found=found.text)
    return int(found.value)


def _level(raw: Any) -> float:
    value = _needed(raw, "stars").value
    if not 0 < value < 1:
        raise DataError("A level of the stars is out of range.", expected="between 0 and 1", found=str(raw))
    return value


def _flag(raw: Any) -> bool | None:
    if _is_nothing(raw):
        return None
    text = _text(raw).lower()
    if text in ("true", "yes", "1", "是"):
        return True
    if text in ("false", "no", "0", "否"):
        return False
    raise DataError("A switch of the form is neither yes nor no.", expected="yes or no", found=repr(raw))


def _choice(raw: Any, allowed: Sequence[str], what: str) -> str:
    text = _text(raw).lower()
    if text not in allowed:
        raise DataError(
            f"The form has an unknown {what}.",
            expected=", ".join(a for a in allowed if a),
            found=repr(text[:40]),
            remedy=did_you_mean(text, allowed),
        )
    return text


def _check_unknown_parts(given: Mapping[str, Any], name: str) -> None:
    unknown = [part for part in given if part not in PARTS]
    if unknown:
        raise DataError(
            "An effect of the form has an unknown part.",
            expected=", ".join(PARTS),
            found=f"{offenders(unknown)} of {name!r}",
            remedy=did_you_mean(unknown[0], PARTS),
        )


def forms(tables: Sequence[Mapping[str, Any]]) -> Iterator[PrintedTable]:
    """Build tables from forms that are parsed already.

    Parameters
    ----------
    tables : sequence of mapping
        Each as `read_form` reads it from YAML, with digits as text.

    Yields
    ------
    PrintedTable
    """
    for raw in tables:
        yield _table(raw)
