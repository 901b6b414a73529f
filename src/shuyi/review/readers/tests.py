"""Loose tests gathered into blocks of LM tests."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from shuyi.review.table import LMBlock, PrintedTest

PLACES = {
    "lm_lag": "lag",
    "lm_error": "error",
    "rlm_lag": "robust_lag",
    "rlm_error": "robust_error",
    "lm_joint": "joint",
}
DF = {"lm_joint": 2}
QUALIFIER = re.compile(r"[(（]([^()（）]*)[)）]")
FOLLOWS = re.compile(
    r"\b(?:lm|rlm|lr|wald|test|tests|sdm|sar|sem|slm|slx|robust|lag|error|err|hausman|fe|ind|both|time"
    r"|and|vs|for|spatial|to)\b|[/_:,()-]|检验|统计量|稳健|滞后|误差",
    re.IGNORECASE | re.ASCII,
)


def assemble(loose: Iterable[PrintedTest]) -> tuple[tuple[PrintedTest, ...], tuple[LMBlock, ...]]:
    """Separate LM tests, grouped by column and qualifier, from other tests.

    Parameters
    ----------
    loose : iterable of PrintedTest
        In the order of the table.

    Returns
    -------
    tuple
        The other tests and the blocks. A second test of one kind opens a further block.
    """
    others: list[PrintedTest] = []
    blocks: dict[tuple[str, int], dict[str, PrintedTest]] = {}
    for test in loose:
        place = PLACES.get(test.kind)
        if place is None:
            others.append(test if test.column else replace(test, column=_column(test.name)))
            continue
        name, number = block_name(test), 0
        while place in blocks.get((name, number), {}):
            number += 1
        settled = replace(test, df=test.df or DF.get(test.kind, 1))
        blocks.setdefault((name, number), {})[place] = settled
    return tuple(others), tuple(LMBlock(name, **tests) for (name, _), tests in blocks.items())


def block_name(test: PrintedTest) -> str:
    """Return the block of an LM test: its column and what its name adds in parentheses.

    Parameters
    ----------
    test : PrintedTest
        A test of one of the kinds in `PLACES`.

    Returns
    -------
    str
    """
    found = [
        q
        for q in QUALIFIER.findall(test.name)
        if not re.search(r"lag|error|lm|滞后|误差|ρ|λ|χ|robust", q, re.I)
    ]
    return ", ".join(filter(None, [test.column, *found]))


def _column(name: str) -> str:
    """Return what is left of a test's name without the words of tests: usually the column."""
    return re.sub(r"\s+", " ", FOLLOWS.sub(" ", name)).strip()
