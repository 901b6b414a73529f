"""Shared settings: one BLAS thread, a fixed hypothesis profile, figures without a screen."""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("MPLBACKEND", "agg")

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile("shuyi", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("shuyi")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """In one of several processes (``-n``), each of which takes whole files, begin with what takes long."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: ("finished" not in item.fixturenames, "workflow" not in item.keywords))
