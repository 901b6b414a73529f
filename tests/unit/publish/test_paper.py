"""The typeset paper: what is on its pages, as read from the files themselves."""

import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from docx import Document
from pypdf import PdfReader
from test_tables import make_table

from shuyi.errors import ConfigError
from shuyi.publish import paper
from shuyi.publish.manuscript import Piece, to_word
from shuyi.publish.table import Table
from shuyi.publish.typeset import to_typst
from shuyi.publish.word import to_docx

ITEM = {"kind": "table", "notes": "", "analysis": "estimation"}
BIB = (
    b"@book{elhorst2014, author = {Elhorst, J. Paul}, title = {Spatial Econometrics}, "
    b"publisher = {Springer}, year = {2014}}"
)
TEMPLATE = """#import "paper.typ": *
#show: paper.with(title: [On spillovers], authors: [A. Author], abstract: [Short.], keywords: [space])
= Results
#let wording = by-interval("effect", positive: [raises], negative: [drains], none-found: [no evidence of])
The effect is #show-value("effect"): #wording.
Elhorst @elhorst2014 has $y = rho W y$ and #equation("S = (I - rho W)^(-1) sum_k beta_k")
#references(title: [References])
#print-items(values.items.map(item => item.name))
"""


def values(*names, verdict="none", language="en"):
    return {
        "language": language,
        "words": {"abstract": "Abstract", "keywords": "Keywords: ", "separator": ", "},
        "style": "apa",
        "effect": {"value": 0.5, "text": "0.123", "verdict": verdict},
        "items": [
            ITEM
            | {"name": name, "title": name, "called": f"Table {i}", "heading": f"Table {i}. Title of {name}"}
            for i, name in enumerate(names, 1)
        ],
    }


def long_table(rows, columns=3, letters=8):
    cells = [["1" * letters + ".000***"] * columns for _ in range(rows)]
    index = pd.MultiIndex.from_tuples([(f"group {i // 40}", f"row {i}") for i in range(rows)])
    display = pd.DataFrame(cells, index=index, columns=[f"head{j}" for j in range(columns)])
    return make_table(id="long", display=display)


def parts(*tables: Table, template=TEMPLATE, **changes):
    return paper.Parts(
        template,
        values(*(table.id for table in tables), **changes),
        BIB,
        tables={table.id: to_typst(table).encode() for table in tables},
        documents={table.id: to_docx(table) for table in tables},
    )


def pages(content):
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def text_of(content):
    document = Document(io.BytesIO(content))
    return [paragraph.text for paragraph in document.paragraphs]


@pytest.mark.parametrize(
    ("verdict", "words"), [("positive", "raises"), ("negative", "drains"), ("none", "no evidence of")]
)
def test_numbers_are_printed_and_words_follow_them(verdict, words):
    made = parts(verdict=verdict)
    for text in (" ".join(pages(paper.render_pdf(made))), " ".join(text_of(paper.render_docx(made)))):
        assert re.search(rf"The effect is 0\.123:\s+{words}", text)
        assert "(Elhorst, 2014)" in text and "Spatial Econometrics" in text


def test_files_are_the_same_again():
    made = parts(make_table())
    assert paper.render_pdf(made) == paper.render_pdf(made)
    assert paper.render_docx(made) == paper.render_docx(made)


def test_a_long_table_breaks_and_repeats_its_heads():
    found = pages(paper.render_pdf(parts(long_table(150))))
    holding = [page for page in found if re.search(r"row \d", page)]
    assert len(holding) >= 3
    assert all("head0" in page and "group" in page for page in holding)
    rows = [int(n) for page in holding for n in re.findall(r"row (\d+)", page)]
    assert rows == list(range(150))


def test_a_table_that_fits_stays_on_one_page():
    found = pages(paper.render_pdf(parts(long_table(45), make_table())))
    assert sum("row 44" in page and "row 0" in page for page in found) == 1


@pytest.mark.parametrize(("columns", "turned"), [(3, False), (14, True)])
def test_a_wide_table_stands_on_a_turned_page_with_every_column(columns, turned):
    reader = PdfReader(io.BytesIO(paper.render_pdf(parts(long_table(5, columns)))))
    page = next(page for page in reader.pages if "row 4" in page.extract_text())
    assert (page.mediabox.width > page.mediabox.height) == turned
    places = []
    page.extract_text(visitor_text=lambda text, ctm, tm, font, size: places.append((text, ctm[4] + tm[4])))
    assert f"head{columns - 1}" in page.extract_text()
    assert max(x for text, x in places if text.strip()) < page.mediabox.width - 40


def test_a_table_that_fits_on_no_page_is_refused_by_name():
    with pytest.raises(ConfigError, match="table long does not fit"):
        paper.render_pdf(parts(long_table(2, 60)))


def test_a_table_with_long_text_is_wrapped_on_a_turned_page():
    words = " ".join(f"word{i}" for i in range(40))
    display = pd.DataFrame([["0.5", words, words, words]] * 3, columns=list("abcd"), index=list("xyz"))
    reader = PdfReader(io.BytesIO(paper.render_pdf(parts(make_table(display=display)))))
    page = next(page for page in reader.pages if "word39" in page.extract_text())
    assert page.mediabox.width > page.mediabox.height
    assert page.extract_text().count("word39") == 9


def test_rows_without_a_label_stay_with_the_row_above():
    labels = [part for i in range(120) for part in (f"row {i}", "")]
    display = pd.DataFrame({"a": ["0.1", "(0.2)"] * 120}, index=labels)
    for page in pages(paper.render_pdf(parts(make_table(display=display)))):
        assert page.count("(0.2)") == len(re.findall(r"row \d+", page))


@pytest.mark.parametrize("render", [paper.render_pdf, paper.render_docx])
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('#show-value("efect")', "no efect; there is: language"),
        ('#item("nothing")', "no table or figure nothing; there are: estimates"),
        ("@nobody", "nobody"),
        ("#let x = ", "expected expression"),
        ('#read("/etc/passwd")', "passwd"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(render, line, said):
    with pytest.raises(ConfigError, match=said):
        render(parts(make_table(), template=TEMPLATE + line))


def test_word_has_formulas_tables_and_no_date():
    content = paper.render_docx(parts(make_table(), long_table(3, 14)))
    document = Document(io.BytesIO(content))
    assert len(document.tables) == 2
    assert [s.page_width > s.page_height for s in document.sections] == [False, True]
    xml = document.element.xml
    assert xml.count("<m:oMath>") + xml.count("<m:oMath ") == 2
    assert "m:supHide" in xml
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_word_puts_a_figure_with_caption_and_notes():
    import matplotlib.pyplot as plt

    buffer = io.BytesIO()
    plt.imsave(buffer, np.zeros((4, 4, 3)), format="png")
    piece = Piece("Figure 1. Nothing", "Source: none.", None, buffer.getvalue())
    content = to_word(
        '<html><body><p>a <em>b</em></p><div data-item="f"></div></body></html>', {"f": piece}, "en"
    )
    assert [text for text in text_of(content) if text.strip()] == [
        "a b",
        "Figure 1. Nothing",
        "Source: none.",
    ]
    assert len(Document(io.BytesIO(content)).inline_shapes) == 1


def test_chinese_stands_in_chinese_letters():
    made = parts(
        make_table("zh", title="标题", heading="表 1　标题", notes=("注：甲。", "乙。")), language="zh"
    )
    assert "注：甲。乙。" in "".join(pages(paper.render_pdf(made)))
