"""One thread, CPU time, and a description of the machine without its name."""

import os

import pytest

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


def pytest_configure(config):
    """Refuse to measure with more than one thread."""
    wrong = [name for name in THREADS if os.environ.get(name) != "1"]
    if wrong:
        raise pytest.UsageError(f"benchmarks use one thread: set {' and '.join(f'{n}=1' for n in wrong)}")


def pytest_benchmark_update_machine_info(config, machine_info):
    """Add the memory of the machine in GiB."""
    machine_info["memory_gib"] = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
