"""The page of result files names every frame that the rules write."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/results.md").read_text(encoding="utf-8")
LISTS = {"measurement": "MEASURED", "distribution": "DISTRIBUTED"}


def frames(rules, variable):
    """Return the files of a dictionary of frames in a file of rules, by folder and name."""
    text = (ROOT / f"workflow/rules/{rules}.smk").read_text(encoding="utf-8")
    body = re.search(rf"^{variable} = \{{\n(.*?)^\}}", text, re.MULTILINE | re.DOTALL).group(1)
    for part, names in re.findall(r'^    "(\w+)": \[(.*?)(?=^    "|\Z)', body, re.MULTILINE | re.DOTALL):
        for name in re.findall(r'"(\w+)"', names):
            whole = name if name == part else f"{part}_{name}"
            yield f"{whole}.csv" if variable == "MEASURED" else f"{name}.csv"


NAMES = sorted({name for rules, variable in LISTS.items() for name in frames(rules, variable)})


def test_the_rules_were_read():
    assert len(NAMES) > 40


@pytest.mark.parametrize("name", [n for n in NAMES if not n.endswith("_labels.csv")])
def test_every_frame_is_explained(name):
    assert f"`{name}`" in PAGE
