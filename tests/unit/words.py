"""The words of tables and figures as a page of the run has them."""

from functools import cache
from pathlib import Path

from shuyi import files
from shuyi.china.places import PLACES
from shuyi.pipeline import records

ROOT = Path(__file__).parents[2]
LABEL_FILES = sorted((ROOT / "config/labels").glob("*.csv"))


@cache
def read_labels(language):
    """Return the labels of a language with the display names of the provinces."""
    return records.read_labels(LABEL_FILES, language).with_units(PLACES.names(language))


def rows():
    """Return the rows of every file of labels."""
    return [row for path in LABEL_FILES for row in files.read_rows(path)]
