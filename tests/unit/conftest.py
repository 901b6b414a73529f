"""The printed words of tables."""

from pathlib import Path

import pytest

from shuyi.pipeline import records

LABEL_FILES = sorted((Path(__file__).parents[2] / "config" / "labels").glob("*.csv"))


@pytest.fixture(scope="session")
def label_files():
    return LABEL_FILES


@pytest.fixture(scope="session", params=["en", "zh"])
def labels(request):
    """Labels in each language."""
    return records.read_labels(LABEL_FILES, request.param)


@pytest.fixture(scope="session")
def english():
    return records.read_labels(LABEL_FILES, "en")
