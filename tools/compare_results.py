"""Compare two folders of results, last digits aside: ``compare_results.py results elsewhere/results``."""

import sys
from pathlib import Path

from shuyi.pipeline.integrity import compare_folders

found = compare_folders(*map(Path, sys.argv[1:3]))
sys.stdout.write("".join(f"{path}: {what}\n" for path, what in found.items()) or "equal, last digits aside\n")
sys.exit(1 if found else 0)
