"""Measure one job in a fresh process: CPU seconds and the process's own peak memory, printed as JSON.

``python benchmarks/alone.py fit 2800 10`` fits and computes effects; ``spreg 2800 10`` does the peer's fit;
``import`` imports the package.
"""

import json
import sys
import time
from pathlib import Path


def peak_mb() -> float:
    """Return the high-water mark of this process's resident memory in MB (Linux).

    ``ru_maxrss`` would count the parent's memory, which a child inherits until it executes.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) * 1024 / 1e6


def imported() -> dict:
    """Import the package."""
    start = time.process_time()
    import shuyi.spatialpanel  # noqa: F401

    return {"seconds": time.process_time() - start}


def fitted(n: int, T: int) -> dict:
    """Fit the two-way spatial Durbin model and compute effects with 1,000 draws."""
    from panels import nearest, simulate
    from workloads import fit_and_effects

    weights = nearest(n, 6)
    panel = simulate(weights, T)
    start = time.process_time()
    fit, effects = fit_and_effects(panel, weights)
    seconds = time.process_time() - start
    record = {**fit.logdet, "effects_trace_error": effects.trace_error}
    return {"seconds": seconds, "rho": fit["rho"], "logdet": record}


def peer(n: int, T: int) -> dict:
    """Fit the spatial Durbin model with individual effects by spreg."""
    from panels import nearest, simulate
    from workloads import spreg_arguments, spreg_fit

    weights = nearest(n, 6)
    arguments = spreg_arguments(simulate(weights, T), weights)
    start = time.process_time()
    rho = spreg_fit(*arguments)
    return {"seconds": time.process_time() - start, "rho": rho}


if __name__ == "__main__":
    job, *sizes = sys.argv[1:]
    found = {"import": imported, "fit": fitted, "spreg": peer}[job](*map(int, sizes))
    sys.stdout.write(json.dumps({**found, "peak_mb": peak_mb()}))
