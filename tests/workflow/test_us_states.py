"""The example on units of its own runs from the same workflow: tables, maps, and estimates that are known."""

import json
import shutil
import subprocess

import pytest
import yaml
from conftest import ROOT, Project

pytestmark = pytest.mark.workflow

RHO, LOGLIK = 5.1e-10, 5.1e-6
"""Half a unit of the last printed digit of the reference (tests/peers/test_productivity.py)."""
KNOWN = {"sar": (0.274688711, 1609.72003), "sdm": (0.493304355, 1655.01903)}
SMALL = {
    "moran": {"permutations": 99, "variables": ["gsp_worker"], "weights": ["contiguity"]},
    "lisa": {"permutations": 99, "variables": ["gsp_worker"], "years": [1986]},
    "estimation": {"draws": 100},
    "robustness": {"draws": 99, "alternatives": {}, "variants": {"differences": {"change": "differences"}}},
    "ledger": {"weights": ["contiguity", "queen"]},
    "inequality": {"permutations": 99, "variables": ["gsp_worker"]},
    "convergence": {"variables": ["gsp_worker"], "models": ["sar"]},
    "dynamics": {"permutations": 99},
    "maps": {"dpi": 72},
}
TARGETS = (
    *("variables", "descriptive_statistics", "correlations", "moran", "specification_tests", "estimates"),
    *(
        "effects",
        "robustness",
        "lisa_map_gsp_worker",
        "inequality",
        "convergence",
        "transitions",
        "ledger_map",
    ),
)


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    project = Project(tmp_path_factory.mktemp("states"))
    folder = project.folder / "examples/us_states"
    ignored = shutil.ignore_patterns("results", ".snakemake")
    shutil.copytree(ROOT / "examples/us_states", folder, ignore=ignored)
    path = folder / "config/config.yaml"
    config = yaml.safe_load(path.read_text(encoding="utf-8"))
    for section, changes in SMALL.items():
        config[section] |= changes
    config["analyses"]["off"] = ["geography"]
    path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
    done = subprocess.run(
        project.command(*TARGETS), cwd=folder, env=project.environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder, done.stderr


def test_what_a_paper_lacks_is_off_and_said_once(states):
    said = [line for line in states[1].splitlines() if line.startswith("The analysis ")]
    assert "The analysis index is off: the configuration has no section index." in said
    assert len(said) == len(set(said))


@pytest.mark.parametrize("spec", KNOWN)
def test_estimates_are_the_known_ones(states, spec):
    fit = json.loads((states[0] / f"results/fits/{spec}.json").read_text(encoding="utf-8"))
    rho, loglik = KNOWN[spec]
    assert fit["values"][fit["names"].index("rho")] == pytest.approx(rho, abs=RHO)
    assert fit["loglik"] == pytest.approx(loglik, abs=LOGLIK)


def test_tables_speak_of_states_and_their_own_source(states):
    for path in sorted((states[0] / "results/tables").glob("*.html")):
        text = path.read_text(encoding="utf-8")
        assert "rovince" not in text and "Bureau of Statistics" not in text, path.name
        assert "Munnell (1990)" in text, path.name


def test_maps_name_boundaries_and_projection_and_show_no_country_else(states):
    for name in ("lisa_map_gsp_worker", "weights_map", "ledger_map", "club_map"):
        text = (states[0] / f"results/figures/{name}.svg").read_text(encoding="utf-8")
        assert (states[0] / f"results/figures/{name}.png").is_file() and text
    about = json.loads((states[0] / "results/data/boundaries.json").read_text(encoding="utf-8"))
    assert about["polygons"] == 48 and about["without_data"] == [] and about["repaired"] == {}


def test_every_cell_that_was_changed_in_reading_is_logged(states):
    changes = (states[0] / "results/data/changes.csv").read_text(encoding="utf-8").splitlines()
    clean = json.loads((states[0] / "results/data/clean.json").read_text(encoding="utf-8"))
    assert len(changes) - 1 == clean["changed_cells"]
    assert clean["variables"]["gsp_worker"]["formula"] == "1000 * gsp / emp"
