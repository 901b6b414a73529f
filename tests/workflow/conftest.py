"""A small project in a folder whose name has a space and Chinese characters, run without a network."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = ("Snakefile", "environment.yml", "requirements.lock")
FOLDERS = ("config", "data", "profiles", "src", "workflow")
NO_NETWORK = """
import socket

def refused(*arguments, **options):
    raise OSError("the network was used")

socket.getaddrinfo = refused
socket.create_connection = refused
_connect = socket.socket.connect
socket.socket.connect = lambda s, address: _connect(s, address) if s.family == socket.AF_UNIX else refused()
"""
SMALL = {
    ("moran", "permutations"): 99,
    ("moran", "weights"): ["contiguity", "nearest_4"],
    ("moran", "variables"): ["digital"],
    ("lisa", "permutations"): 99,
    ("lisa", "variables"): ["digital"],
    ("lisa", "years"): [2024],
    ("estimation", "draws"): 100,
    ("weights_choice", "combined"): ["contiguity", "nearest_4"],
    ("weights_choice", "steps"): 4,
    ("robustness", "alternatives"): {"sample": {"winsorised": {"change": "winsorise", "share": 0.01}}},
    ("curve", "options", "weights"): ["contiguity", "nearest_4"],
    ("curve", "options", "scheme"): ["four_dimensions"],
    ("curve", "options", "sample"): ["all"],
    ("curve", "subset"): {"model": ["slx"], "effects": ["twoways"], "outcome": ["ln_gdp_pc"]},
    ("curve", "draws"): 19,
    ("coordination", "sets"): ["digital_regional"],
    ("coordination", "years"): [2024],
    ("tiers", "years"): [2024],
    ("ledger", "weights"): ["contiguity", "nearest_4"],
    ("rankings", "draws"): 100,
    ("inequality", "permutations"): 99,
    ("convergence", "variables"): ["digital"],
    ("convergence", "clubs"): {"digital": "none"},
    ("dynamics", "permutations"): 99,
    ("geography", "variables"): ["digital"],
    ("geography", "years"): [2024],
    ("maps", "years"): [2024],
    ("maps", "dpi"): 72,
}
KEPT_WEIGHTS = ("contiguity", "nearest_4")


class Project:
    """A copy of the project that tests may change and run."""

    def __init__(self, folder):
        self.folder = folder
        for name in FOLDERS:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in FILES:
            shutil.copy2(ROOT / name, folder / name)
        (folder / "guard").mkdir()
        (folder / "guard" / "sitecustomize.py").write_text(NO_NETWORK)
        self.environment = os.environ | {"PYTHONPATH": f"{folder / 'guard'}{os.pathsep}{folder / 'src'}"}

    def change_config(self, changes):
        path = self.folder / "config/config.yaml"
        config = yaml.safe_load(path.read_text(encoding="utf-8"))
        for keys, value in changes.items():
            node = config
            for key in keys[:-1]:
                node = node[key]
            node[keys[-1]] = value
        path.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def shrink(self):
        path = self.folder / "config/config.yaml"
        weights = yaml.safe_load(path.read_text(encoding="utf-8"))["weights"]
        self.change_config(SMALL | {("weights",): {name: weights[name] for name in KEPT_WEIGHTS}})

    def command(self, *arguments, cores=2):
        return [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments]

    def run(self, *arguments, cores=2, check=True):
        done = subprocess.run(
            self.command(*arguments, cores=cores),
            cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )  # fmt: skip
        if check and done.returncode:
            raise AssertionError(done.stdout + done.stderr)
        return done

    def planned(self, *arguments):
        """Return the number of jobs by rule that a dry run plans."""
        done = self.run(*arguments, "-n", "--quiet", "host")
        text = done.stdout + done.stderr
        if "Nothing to be done" in text:
            return {}
        table = text.split("Job stats:")[1].split("total")[0].splitlines()[3:]
        return {words[0]: int(words[1]) for words in map(str.split, table) if len(words) == 2}

    def results(self):
        """Return the content of every result by its path."""
        folder = self.folder / "results"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture(scope="session")
def finished(tmp_path_factory):
    """A small project after one undisturbed run; tests must leave it as it is."""
    project = Project(tmp_path_factory.mktemp("run") / "数溢 paper")
    project.shrink()
    project.first = project.run()
    return project


@pytest.fixture
def fresh(tmp_path):
    """A project that was never run."""
    return Project(tmp_path / "数溢 paper")
