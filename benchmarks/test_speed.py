"""CPU time and memory of two-way spatial Durbin models with effects of 1,000 draws, and of peers.

OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m pytest benchmarks --benchmark-json=.benchmarks/speed.json
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from alone import peak_mb
from panels import REGRESSORS, cigarettes, nearest, simulate
from workloads import DRAWS, fit_and_effects, fresh, spreg_arguments, spreg_fit

from shuyi.panel import Panel

pytestmark = pytest.mark.benchmark(timer=time.process_time)

SMALL = {
    "46 x 30": (cigarettes, 100),
    "31 x 12": (lambda: _simulated(31, 12, k=4, mutual=True), 100),
    "300 x 15": (lambda: _simulated(300, 15, k=6), 15),
}
LARGE = {"2,800 x 10": (2_800, 10, 5), "100,000 x 10": (100_000, 10, 1)}
MANY = 10_000


def _simulated(n, T, **how):
    weights = nearest(n, **how)
    return simulate(weights, T), weights


def alone(*arguments):
    """Return what a job in a process of its own reports."""
    script = Path(__file__).with_name("alone.py")
    done = subprocess.run(
        [sys.executable, str(script), *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("size", SMALL)
def test_small_panels(benchmark, size):
    build, rounds = SMALL[size]
    panel, weights = build()
    benchmark.extra_info.update(table="fit", size=size)
    fit, effects = benchmark.pedantic(
        fit_and_effects, setup=lambda: ((panel, fresh(weights)), {}), rounds=rounds, warmup_rounds=3
    )
    benchmark.extra_info["peak_mb"] = peak_mb()
    assert effects.draws == DRAWS
    assert -1 < fit["rho"] < 1


@pytest.mark.parametrize("size", LARGE)
def test_large_panels(benchmark, size):
    n, T, rounds = LARGE[size]
    runs = []
    benchmark.extra_info.update(table="fit", size=size)
    benchmark.pedantic(lambda: runs.append(alone("fit", n, T)), rounds=rounds)
    benchmark.extra_info.update(
        seconds=[run["seconds"] for run in runs],
        peak_mb=max(run["peak_mb"] for run in runs),
        logdet=runs[0]["logdet"],
    )
    assert runs[0]["logdet"]["method"] == "sparse_lu"
    assert abs(runs[0]["rho"] - 0.4) < 0.05


def test_many_panels(benchmark):
    weights = nearest(31, 4, mutual=True)
    draws = [simulate(weights, 9, seed=seed) for seed in range(100)]
    panels = [
        Panel(p.values + 0.01 * j * np.sin(p.values), p.units, p.periods, ("y", *REGRESSORS))
        for j in range(MANY // len(draws))
        for p in draws
    ]
    benchmark.extra_info.update(table="many", size=f"{MANY:,} fits at 31 x 9")
    benchmark.pedantic(lambda: [fit_and_effects(p, weights) for p in panels], rounds=1)


@pytest.mark.parametrize("size", [*SMALL, "2,800 x 10"])
def test_spreg(benchmark, size):
    benchmark.extra_info.update(table="spreg", size=size)
    if size in SMALL:
        build, rounds = SMALL[size]
        arguments = spreg_arguments(*build())
        benchmark.pedantic(spreg_fit, args=arguments, rounds=max(5, rounds // 5), warmup_rounds=1)
        return
    n, T, _ = LARGE[size]
    runs = []
    benchmark.pedantic(lambda: runs.append(alone("spreg", n, T)), rounds=1)
    benchmark.extra_info.update(seconds=[runs[0]["seconds"]], peak_mb=runs[0]["peak_mb"])


def test_import(benchmark):
    runs = []
    benchmark.extra_info.update(table="import", size="shuyi.spatialpanel")
    benchmark.pedantic(lambda: runs.append(alone("import")), rounds=7, warmup_rounds=1)
    seconds = [run["seconds"] for run in runs[1:]]
    benchmark.extra_info.update(seconds=seconds, peak_mb=max(run["peak_mb"] for run in runs))
