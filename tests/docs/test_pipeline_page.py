"""The files that the page on the pipeline tells users to write are accepted."""

import csv
import re
from pathlib import Path

from shuyi import files
from shuyi.indices import load_scheme
from shuyi.spatialpanel import Specification

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/pipeline.md").read_text(encoding="utf-8")


def block(language, first):
    """Return the first block of a language that starts with a word."""
    blocks = re.findall(rf"^ *```{language}\n(.*?)^ *```$", PAGE, re.MULTILINE | re.DOTALL)
    return next(b for b in blocks if b.lstrip().startswith(first))


def test_index_scheme_of_the_page_is_valid(tmp_path):
    files.write_text(tmp_path / "own_two.yaml", block("yaml", "id:"))
    raw = files.read_yaml(tmp_path / "own_two.yaml")
    scheme = load_scheme(raw, files.read_yaml(ROOT / "workflow/schemas/index_scheme.schema.yaml"))
    assert [i.numerator for i in scheme.indicators] == ["optical_cable_length", "pku_index"]


def test_specification_of_the_page_is_a_row_of_the_sheet():
    sheet = files.read_rows(ROOT / "config/specifications.csv")
    cells = next(csv.reader([block("csv", "sdm_rail")]))
    row = Specification.from_row(dict(zip(sheet[0], cells, strict=True)))
    assert (row.weights, row.covariance) == ("rail", "cluster_jackknife")


def test_columns_of_the_sheet_are_explained():
    for column in files.read_rows(ROOT / "config/specifications.csv")[0]:
        assert f"`{column}`" in PAGE
