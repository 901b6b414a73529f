"""`shuyi new`: what is understood of a user's files, and a folder that the workflow accepts."""

import contextlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
import yaml

from shuyi import cli
from shuyi.analyses.description.statistics import variance_inflation
from shuyi.panel import Panel
from shuyi.pipeline.run import load_run, read_config

UNITS = [f"AT{k}" for k in range(10, 22)]


@pytest.fixture
def brought(tmp_path, monkeypatch):
    """A panel with gaps in one unit, outlines of all units and a further one, weights without labels."""
    monkeypatch.chdir(tmp_path)
    draws = np.random.default_rng(7)
    rows = [
        {"nuts": u, "year": y, "GDP (EUR)": 100 + draws.random(), "invest": draws.random(), "twice": 0.0}
        for u in UNITS
        for y in range(2001, 2007)
    ]
    frame = pd.DataFrame(rows).assign(twice=lambda f: 2 * f["invest"])
    frame.loc[(frame["nuts"] == "AT21") & (frame["year"] == 2003), "invest"] = np.nan
    frame.to_excel(tmp_path / "panel.xlsx", index=False)
    boxes = [shapely.box(10 + k % 4, 45 + k // 4, 11 + k % 4, 46 + k // 4) for k in range(13)]
    layer = gpd.GeoDataFrame(
        {"NUTS_ID": [*UNITS, "CH01"], "size": range(13)}, geometry=boxes, crs="EPSG:4326"
    )
    layer.to_file(tmp_path / "regions.gpkg")
    ring = np.roll(np.eye(11), 1, axis=1) + np.roll(np.eye(11), -1, axis=1)
    np.savetxt(tmp_path / "w.csv", ring, delimiter=",", fmt="%d")
    return tmp_path


def new(*arguments):
    return cli.main(["new", "mine", "--from", "panel.xlsx", *arguments])


def accepted():
    with contextlib.chdir("mine"):
        return load_run(read_config({}, []))


def test_a_panel_with_boundaries_becomes_a_paper(brought, capsys):
    assert new("--boundaries", "regions.gpkg") == 0
    said = capsys.readouterr().out
    assert "11 with a figure in every year" in said and "1 units with gaps: AT21" in said
    found = accepted()
    assert found.headline.outcome == "GDP" and found.headline.regressors == ("invest",)
    config = yaml.safe_load(Path("mine/config/config.yaml").read_text(encoding="utf-8"))
    assert config["subject"]["boundaries"] == {"path": "data/regions.gpkg", "id": "NUTS_ID"}
    assert config["subject"]["sources"][0]["skip"] == ["AT21"]
    assert {"estimation", "autocorrelation", "robustness"} <= {a.id for a in found.analyses}


def test_weights_without_labels_are_taken_in_the_order_of_the_panel_on_the_users_word_alone(brought, capsys):
    assert new("--weights", "w.csv") == 2
    assert "--order panel" in capsys.readouterr().err and not Path("mine").exists()
    assert new("--weights", "w.csv", "--order", "panel") == 0
    assert accepted().config["weights"]["w"]["order"] == UNITS[:-1]


def test_nothing_is_written_where_something_must_be_said(brought, capsys):
    assert new() == 2
    assert "Nothing says which units are neighbours" in capsys.readouterr().err
    gpd.read_file("regions.gpkg").drop(columns="NUTS_ID").to_file("nameless.gpkg")
    assert new("--boundaries", "nameless.gpkg") == 2
    assert "names every unit" in capsys.readouterr().err
    assert sorted(path.name for path in brought.iterdir()) == [
        "nameless.gpkg",
        "panel.xlsx",
        "regions.gpkg",
        "w.csv",
    ]


def test_a_folder_that_exists_is_left_alone(brought, capsys):
    Path("mine").mkdir()
    assert new("--boundaries", "regions.gpkg") == 2
    assert "exists already" in capsys.readouterr().err and not list(Path("mine").iterdir())


def test_a_single_regressor_has_no_inflation(brought):
    panel = Panel(np.random.default_rng(1).random((4, 6, 1)), tuple("abcdef"), (1, 2, 3, 4), ("x",))
    assert variance_inflation(panel, ["x"], "twoways")[["vif", "vif_within"]].to_numpy() == pytest.approx(1.0)
