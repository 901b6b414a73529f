"""The printed words of tables and figures."""

import pytest
from words import read_labels


@pytest.fixture(scope="session", params=["en", "zh"])
def labels(request):
    """Labels in each language."""
    return read_labels(request.param)


@pytest.fixture(scope="session")
def english():
    return read_labels("en")
