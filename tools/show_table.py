"""Print a rebuilt table and the checks that the run behind it passed."""

import sys
from pathlib import Path

from shuyi import files

name = sys.argv[1]
frame = files.read_csv_text(f"results/tables/{name}.rounded.csv")
sys.stdout.write(frame.to_markdown(index=False) + "\n\nChecks:\n")
for path in sorted(Path("results/checks").glob("*.json")):
    record = files.read_json(path)
    count = record.get("comparisons", record.get("cells"))
    verdict = "passed" if record.get("passed", record.get("valid")) else "FAILED"
    sys.stdout.write(f"  {path.stem}: {verdict} ({count} comparisons)\n")
