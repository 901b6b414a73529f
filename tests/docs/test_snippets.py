"""Every block of code in the documentation runs and prints what its page says."""

import pytest
import snippets

PAGES = {path.relative_to(snippets.DOCS).as_posix(): path for path in snippets.pages()}
SIGNIFICANT = 3
"""Decimals from which a number in the prose must come from a block of its page."""


@pytest.mark.parametrize("name", PAGES)
def test_page_runs_and_prints_what_it_says(name):
    namespace = {"__name__": "__page__"}
    for snippet in snippets.snippets(PAGES[name].read_text(encoding="utf-8")):
        printed = snippets.run(snippet, PAGES[name], namespace)
        place = f"{name}, line {snippet.line + 1}"
        assert snippets.same(printed, snippet.printed or ""), f"{place} prints\n{printed}"


@pytest.mark.parametrize("name", PAGES)
def test_numbers_in_the_prose_come_from_the_blocks(name):
    text = PAGES[name].read_text(encoding="utf-8")
    known = [n for block in snippets.FENCE.findall(text) for n in snippets.numbers(block[1])]
    stated = [n for n in snippets.numbers(snippets.prose(text)) if snippets.decimals(n) >= SIGNIFICANT]
    assert [n for n in stated if not snippets.is_among(n, known)] == []


def test_a_wrong_number_is_noticed():
    assert snippets.same("rho 0.2712 (46)", "rho  0.2712 (46)")
    assert not snippets.same("rho 0.2712 (46)", "rho  0.2713 (46)")
    assert not snippets.same("rho 0.2712", "rho 0.2722")
    assert not snippets.same("rho 0.2712", "lam 0.2712")
    assert not snippets.is_among("0.2712", ["0.2292", "0.27"])
