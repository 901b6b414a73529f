"""Print the answer of the finished run and the file to open first."""

import sys
import textwrap
from pathlib import Path

from shuyi import files

language = files.read_json("results/manifest.json")["settings"]["language"]
answer = Path("results/answer.json")
if answer.is_file():
    text = files.read_json(answer)["text"][language]
    sys.stdout.write(textwrap.fill(text, 100 if language == "en" else 50) + "\n\n")
pages = ("results/paper/paper.pdf", "results/tables/effects.html", "results/tables/estimates.html")
first = next((page for page in pages if Path(page).is_file()), "results/tables/")
sys.stdout.write(f"Open first: {first}\n")
