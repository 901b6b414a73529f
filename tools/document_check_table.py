"""Rewrite the tables of docs/check_table.md from docs/validation/check_table.json.

python benchmarks/check_table.py --tables 1000 --seed 1 --output docs/validation/check_table.json
python tools/document_check_table.py
"""

from pathlib import Path
from typing import Any

from shuyi import files
from shuyi.pipeline.reference import replace_block

PAGE = Path("docs/check_table.md")
STUDY = Path("docs/validation/check_table.json")


def alarms(found: dict[str, Any]) -> str:
    """Return the table of false alarms by identity."""
    rows = ["| identity | checks | fail |", "|---|---|---|"]
    rows += [f"| {key} | {checks:,} | {fails} |" for key, (checks, fails) in found["by_identity"].items()]
    total = f"| all | {found['checks']:,} | {found['failures']} ({found['per_1000']:.3f} in 1,000) |"
    return "\n".join([*rows, total])


def detections(found: dict[str, Any]) -> str:
    """Return the table of altered digits by kind of cell."""
    rows = ["| cell | altered | caught | share |", "|---|---|---|---|"]
    kinds = sorted(found["detection"].items(), key=lambda item: -item[1][2])
    rows += [f"| {kind} | {tried} | {caught} | {share:.2f} |" for kind, (tried, caught, share) in kinds]
    tried = sum(v[0] for v in found["detection"].values())
    caught = sum(v[1] for v in found["detection"].values())
    return "\n".join([*rows, f"| all | {tried:,} | {caught:,} | {caught / tried:.2f} |"])


def documented(text: str, found: dict[str, Any]) -> str:
    """Return the page with both tables as found."""
    return replace_block(
        replace_block(text, "alarms", f"{alarms(found)}\n"), "detections", f"{detections(found)}\n"
    )


if __name__ == "__main__":
    files.write_text(PAGE, documented(files.read_text(PAGE), files.read_json(STUDY)))
