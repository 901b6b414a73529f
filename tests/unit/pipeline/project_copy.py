"""A copy of the project's settings that a test may spoil, and what loading a run from it says."""

import csv
import io
import shutil
from pathlib import Path

import yaml

from shuyi import files
from shuyi.errors import ShuyiError
from shuyi.pipeline import records, run

ROOT = Path(__file__).parents[3]
CONFIG = (ROOT / "config/config.yaml").read_text(encoding="utf-8")
SHEET = (ROOT / "config/specifications.csv").read_text(encoding="utf-8")


class Project:
    """Settings and data in a folder of their own, which is the working folder."""

    def __init__(self, folder):
        self.folder = folder
        for name in ("config", "data", "workflow/schemas"):
            shutil.copytree(ROOT / name, folder / name)

    def load(self, changes=None, command_line=None):
        """Load the run as Snakemake does, with values set at their key paths."""
        for path, value in (changes or {}).items():
            self.set(path, value)
        found = run.load_run(run.read_config(command_line or {}))
        labels = sorted(Path("config/labels").glob("[!.]*.csv"))
        run.titles_of(found, records.read_labels(labels, found.config["language"]))
        return found

    def refusal(self, changes=None, command_line=None):
        """Return what a refused run says, or an empty text; any other error is raised."""
        try:
            self.load(changes, command_line)
        except ShuyiError as error:
            return str(error)
        return ""

    def set(self, path, value):
        config = yaml.safe_load((self.folder / "config/config.yaml").read_text(encoding="utf-8"))
        node = config
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value
        text = yaml.safe_dump(config, allow_unicode=True, sort_keys=False)
        self.write("config/config.yaml", text)

    def write(self, path, content):
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))

    def edit(self, path, old, new):
        text = (self.folder / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new, 1))

    def edit_row(self, spec, **cells):
        """Change cells of one row of the sheet."""
        rows = files.read_rows(self.folder / "config/specifications.csv")
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row | (cells if row["id"] == spec else {}) for row in rows)
        self.write("config/specifications.csv", text.getvalue())
