"""Cross-checks of the configuration's section report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shuyi.schema import Problem

SECTIONS = ("report",)


def check_report(config: Mapping[str, Any], *, file: str = "config/config.yaml") -> list[Problem]:
    """Check that every year of the report lies in the panel.

    Parameters
    ----------
    config : mapping
        A configuration that passed the schema.
    file : str
        Name for messages.
    """
    first, last = config["panel"]["first_year"], config["panel"]["last_year"]
    return [
        Problem(file, "report.years", str(year), f"years of the panel, {first} to {last}")
        for year in config["report"]["years"]
        if not first <= year <= last
    ]
