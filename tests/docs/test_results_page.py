"""The page of result files names every frame of every analysis, with the columns that it has."""

from pathlib import Path

import pytest

from shuyi.pipeline.run import load_run, read_config

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/results.md").read_text(encoding="utf-8")
RUN = load_run(read_config({}, []))
FRAMES = sorted(
    path.removeprefix("results/")
    for analysis in RUN.analyses
    for path in analysis.outputs(RUN).values()
    if not path.endswith("/labels.csv")
)


def test_the_declarations_were_read():
    assert len(FRAMES) > 40


@pytest.mark.parametrize("frame", FRAMES)
def test_every_frame_is_explained(frame):
    folder, name = frame.split("/")
    section = next((part for part in PAGE.split("\n## ")[1:] if f"{folder}/" in part.splitlines()[0]), "")
    known = (
        name.replace(name[5:], "VARIABLE.csv")
        if name.startswith("lisa_") and folder == "autocorrelation"
        else name
    )
    assert f"`{frame}`" in PAGE or f"`{known}`" in section
