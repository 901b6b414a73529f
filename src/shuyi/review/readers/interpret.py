"""From a grid of cells to a printed table."""

from __future__ import annotations

import re
from dataclasses import replace

from shuyi.review.readers.grid import Body, Grid, split_header, with_sections
from shuyi.review.readers.layouts import effects, models, statistics
from shuyi.review.readers.tests import assemble
from shuyi.review.table import Column, PrintedTable
from shuyi.review.vocabulary import MODEL_NAMES, beside_of, normal, star_levels

NOT_ROW = re.compile(
    r"not row|spectral|min-?max|max(?:imum)? eigenvalue|谱标准化|未(?:作)?行标准化", re.IGNORECASE
)
ROW = re.compile(
    r"row[- ]?(?:standardi[sz]ed|normali[sz]ed|stochastic)|行(?:向)?(?:标准化|归一化)", re.IGNORECASE
)
DELTA = re.compile(r"delta[- ]method|plug-in|德尔塔", re.IGNORECASE)
DRAWS = re.compile(r"\bdraws\b|simulat|monte carlo|模拟|抽取", re.IGNORECASE)
RANDOM = re.compile(r"random[- ]effects|随机效应", re.IGNORECASE)
FIXED = re.compile(r"fixed[- ]effects|固定效应|two-?way", re.IGNORECASE)
ERRORS = re.compile(r"robust|cluster|driscoll|conley|jackknife|bootstrap|稳健|聚类", re.IGNORECASE)
CHINESE_ERRORS = {"稳健": "robust", "聚类": "cluster"}
COUNTS = re.compile(r"\bn ?= ?(\d{1,5})\b[^.;]{0,40}?\bT ?= ?(\d{1,3})\b")
WEIGHTS = re.compile(r"(?:weights?|空间权重(?:矩阵)?)[:：]\s*([^.;。；]{2,80})", re.IGNORECASE)


def interpret(grid: Grid) -> PrintedTable:
    """Return what a grid says, as a printed table.

    Parameters
    ----------
    grid : Grid
        Cells of a table with the text around it.

    Returns
    -------
    PrintedTable
        Its ``notes`` name what was decided from the text and what was left out; empty where nothing of a
        spatial panel study was found.
    """
    body = split_header(grid)
    if not body.rows or body.width < 2:
        return PrintedTable(id=grid.source)
    table, left_out = _by_layout(body)
    return _with_facts(replace(table, id=_identifier(body)), body, left_out)


def _by_layout(body: Body) -> tuple[PrintedTable, list[str]]:
    sectioned = with_sections(body)
    if statistics.is_moran(sectioned):
        is_transposed = statistics.is_transposed_moran(sectioned)
        years = statistics.transposed(sectioned) if is_transposed else sectioned
        return PrintedTable(moran=tuple(statistics.read_moran(years, beside_of(body.notes)))), []
    if effects.is_effects(body):
        columns, left_out = effects.read_effects(body)
        return PrintedTable(columns=tuple(columns)), left_out
    if statistics.is_tests(sectioned):
        loose, left_out = statistics.read_tests(sectioned)
        tests, blocks = assemble(loose)
        return PrintedTable(tests=tests, lm=blocks), left_out
    if statistics.is_index(body):
        rows, dimensions = statistics.read_index(body)
        return PrintedTable(index_weights=tuple(rows), dimension_weights=dimensions), []
    columns, loose, left_out, weights = models.read_models(body)
    tests, blocks = assemble(loose)
    return PrintedTable(columns=tuple(columns), tests=tests, lm=blocks, weights=", ".join(weights)), left_out


def _with_facts(table: PrintedTable, body: Body, left_out: list[str]) -> PrintedTable:
    text = f"{body.title}\n{body.notes}"
    beside, levels = beside_of(body.notes) or beside_of(body.title), star_levels(body.notes)
    counts = set(COUNTS.findall(text))
    n, T = map(int, counts.pop()) if len(counts) == 1 else (None, None)
    weights = WEIGHTS.search(body.notes)
    table = replace(
        table,
        beside=beside,
        stars=levels,
        n=n,
        T=T,
        weights=table.weights or (weights.group(1).strip() if weights else ""),
        row_standardised=False if NOT_ROW.search(text) else True if ROW.search(text) else None,
        simulated=_simulated(text),
        structure="random" if RANDOM.search(text) and not FIXED.search(text) else "",
        covariance=_covariance(body.notes),
    )
    table = _model_from_title(table, text)
    return replace(table, notes=tuple(f"left out: {item}" for item in dict.fromkeys(left_out)))


def _simulated(text: str) -> bool | None:
    if DRAWS.search(text):
        return True
    return False if DELTA.search(text) else None


def _covariance(notes: str) -> str:
    found = ERRORS.search(notes)
    return CHINESE_ERRORS.get(found.group(), found.group().lower()) if found else ""


def _model_from_title(table: PrintedTable, text: str) -> PrintedTable:
    """Give columns without a model the one that title and notes name, if they name one alone."""
    label = normal(text)
    named = [key for key, pattern in MODEL_NAMES if key != "ols" and re.search(pattern, label)]
    if len(named) != 1 or any(c.model for c in table.columns):
        return table
    return replace(table, columns=tuple(_modelled(c, named[0]) for c in table.columns))


def _modelled(column: Column, model: str) -> Column:
    return replace(column, model=model)


def _identifier(body: Body) -> str:
    title = re.sub(r"\s+", " ", body.title)[:60].strip()
    return title or body.source
