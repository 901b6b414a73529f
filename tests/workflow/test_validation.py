"""The simulation study as a target of its own: it runs, repeats byte for byte, and is in no default run."""

import pytest
import yaml

pytestmark = pytest.mark.workflow

ONE_CELL = {
    "replications": 12,
    "test_replications": 6,
    "blocks": [
        {
            "panels": [{"layout": "provinces", "T": 6}],
            "rho": [0.4],
            "errors": ["iid"],
            "persistence": 0.0,
        }
    ],
    "bootstrap": {
        "cells": ["provinces_T6_rho0.4_iid"],
        "replications": 2,
        "kind": "wild_cluster",
        "draws": 39,
        "studentise": "information",
        "seed": 1,
    },
}


def change_study(project, changes):
    path = project.folder / "config/validation.yaml"
    settings = yaml.safe_load(path.read_text(encoding="utf-8")) | changes
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")


def test_a_small_study_runs_and_repeats(fresh):
    change_study(fresh, ONE_CELL)
    assert not any(rule.startswith("validation") for rule in fresh.planned())
    assert fresh.planned("validation") == {
        "validation": 1, "validation_bootstrap": 1, "validation_cell": 1, "validation_table": 4,
    }  # fmt: skip
    fresh.run("validation")
    first = {name: content for name, content in fresh.results().items() if name.startswith("validation/")}
    assert {"validation/bias.csv", "validation/coverage.csv", "validation/size.csv"} < set(first)
    assert b"lee_yu,cluster_jackknife,simulated_t,indirect" in first["validation/coverage.csv"]
    assert fresh.planned("validation") == {}
    fresh.run("validation", "--forceall", cores=1)
    again = {name: content for name, content in fresh.results().items() if name.startswith("validation/")}
    assert again == first


def test_mistaken_settings_stop_before_any_job(fresh):
    change_study(fresh, {"replication": 10, "blocks": []})
    done = fresh.run("validation", "-n", check=False)
    assert done.returncode
    assert "config/validation.yaml" in done.stdout + done.stderr
    assert "replication" in done.stdout + done.stderr
