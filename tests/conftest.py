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
    """In one of several processes (``-n``) keep together what shares fixtures; begin with what takes long.

    A file stays in one process, and so does everything that needs the one finished run of the workflow.
    """
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        shared = "finished" in item.fixturenames
        item.add_marker(pytest.mark.xdist_group("finished" if shared else item.path.as_posix()))
    items.sort(key=lambda item: ("finished" not in item.fixturenames, "workflow" not in item.keywords))
