"""Shared settings: one BLAS thread, a fixed hypothesis profile, figures without a screen."""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("MPLBACKEND", "agg")

from hypothesis import settings  # noqa: E402

settings.register_profile("shuyi", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("shuyi")
