"""Coefficients and effects of one model, printed in two tables, brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from shuyi.review.table import Column, PrintedTable

LISTS = ("lm", "tests", "moran", "index_weights", "notes", "equal_df")


def join_tables(tables: Sequence[PrintedTable]) -> PrintedTable:
    """Return several tables as one: columns of one heading become one column.

    Parameters
    ----------
    tables : sequence of PrintedTable
        In the order of the paper; what an earlier table says stands.

    Returns
    -------
    PrintedTable
    """
    columns: dict[str, Column] = {}
    for table in tables:
        for column in table.columns:
            own = _with_kind(column, table.beside)
            columns[column.name] = _joined(columns[column.name], own) if column.name in columns else own
    first = {
        f.name: _first(tables, f.name) for f in fields(PrintedTable) if f.name not in (*LISTS, "columns")
    }
    lists = {name: tuple(item for t in tables for item in getattr(t, name)) for name in LISTS}
    ids = " + ".join(t.id for t in tables if t.id)
    return PrintedTable(**(first | lists | {"columns": tuple(columns.values()), "id": ids}))


def _first(tables: Sequence[PrintedTable], name: str) -> Any:
    given = [getattr(t, name) for t in tables]
    if name == "balanced":
        return all(given)
    return next((value for value in given if value not in (None, "", (), {})), given[0] if given else None)


def _with_kind(column: Column, beside: str) -> Column:
    """Return a column whose numbers in parentheses carry the label of their own table."""
    if not beside:
        return column
    changed: dict[str, Any] = {}
    for f in fields(Column):
        value = getattr(column, f.name)
        if f.name in ("b", "theta"):
            changed[f.name] = {k: e if e.kind else replace(e, kind=beside) for k, e in value.items()}
        elif f.name in ("effects", "short", "long"):
            changed[f.name] = {k: _effect(e, beside) for k, e in value.items()}
        elif f.name in ("rho", "lam", "tau", "eta", "sigma2") and value is not None and not value.kind:
            changed[f.name] = replace(value, kind=beside)
    return replace(column, **changed)


def _effect(effect: Any, beside: str) -> Any:
    parts = {p: getattr(effect, p) for p in ("direct", "indirect", "total")}
    return replace(
        effect, **{p: replace(e, kind=beside) for p, e in parts.items() if e is not None and not e.kind}
    )


def _joined(first: Column, second: Column) -> Column:
    merged: dict[str, Any] = {}
    for f in fields(Column):
        own, other = getattr(first, f.name), getattr(second, f.name)
        if isinstance(own, Mapping):
            merged[f.name] = {**other, **own}
        else:
            merged[f.name] = own if own not in (None, "") else other
    return Column(**merged)
