"""Measure the pipeline as a user meets it: ``.venv/bin/python benchmarks/pipeline.py``.

The project is copied to a temporary folder and run there; the Markdown rows are printed. Peak memory is
the sum over the processes of a run at any moment, sampled from /proc (Linux); memory that processes share,
as forks do, counts once (proportional set size).
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("config", "data", "profiles", "src", "workflow")
FILES = ("Snakefile", "environment.yml", "requirements.lock")
EDITED = "src/shuyi/publish/numbers.py"


def resident_mb(root: int) -> float:
    """Return the memory of a process and all its descendants in MB."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        with suppress(OSError):
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
            parents[int(fields["Pid"])] = int(fields["PPid"])
    family = {root}
    while True:
        found = family | {p for p, parent in parents.items() if parent in family}
        if found == family:
            return sum(map(proportional_mb, family))
        family = found


def proportional_mb(process: int) -> float:
    """Return the memory of a process in MB, with its part of what it shares; 0 if it has ended."""
    with suppress(OSError):
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000
    return 0.0


def measured(folder: Path, *arguments: str, cores: int = 2) -> tuple[float, float, float]:
    """Run Snakemake and return wall seconds, CPU seconds and peak MB."""
    before, start = os.times(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    peak = [0.0]

    def watch() -> None:
        while process.poll() is None:
            peak[0] = max(peak[0], resident_mb(process.pid))
            time.sleep(0.2)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, errors = process.communicate()
    watcher.join()
    if process.returncode:
        raise SystemExit(errors.decode())
    after = os.times()
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return time.monotonic() - start, cpu, peak[0]


def main() -> None:
    """Print one row per measurement."""
    folder = Path(tempfile.mkdtemp()) / "project"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy2(ROOT / name, folder / name)
    sys.stdout.write("| what | asked | wall s | CPU s | peak MB |\n| --- | --- | --- | --- | --- |\n")

    def row(what: str, asked: str, *arguments: str, cores: int = 2) -> None:
        wall, cpu, peak = measured(folder, *arguments, cores=cores)
        sys.stdout.write(f"| {what} | {asked} | {wall:.1f} | {cpu:.1f} | {peak:.0f} |\n")
        sys.stdout.flush()

    row("whole paper, empty results, 2 cores", "120 s and 1,500 MB; with measurement 210 s")
    row("`snakemake -n` on the finished tree", "3 s", "-n")
    path = folder / EDITED
    path.write_text(path.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    row(f"table 8 after an edit of `{EDITED}`", "20 s", "table8")
    shutil.rmtree(folder.parent)


main()
