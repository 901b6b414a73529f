"""The committed snapshot, scheme and schema as the tests read them."""

import json
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from shuyi.china.clean import MAIN_VARIABLES, CleanPanel, build_panel

ROOT = Path(__file__).parents[1]
DATA = ROOT / "data"


def descriptor():
    return json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))


def files():
    return {p.relative_to(DATA).as_posix(): p.read_bytes() for p in sorted((DATA / "snapshot").iterdir())}


def table(name):
    return pd.read_csv(DATA / "snapshot" / f"{name}.csv", dtype=str, keep_default_na=False)


def scheme_yaml(name="four_dimensions"):
    return yaml.safe_load((ROOT / "config" / "indices" / f"{name}.yaml").read_text(encoding="utf-8"))


def scheme_schema():
    path = ROOT / "workflow" / "schemas" / "index_scheme.schema.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@cache
def clean(first_year=2016, last_year=2024, base_year=2015, variables=MAIN_VARIABLES) -> CleanPanel:
    return build_panel(
        table("provincial_figures"),
        table("codebook"),
        table("caveats"),
        first_year=first_year,
        last_year=last_year,
        base_year=base_year,
        variables=variables,
    )
