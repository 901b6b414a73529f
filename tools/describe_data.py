"""Rewrite sizes and hashes in the descriptions of data/ after a new vintage, and data/SHA256SUMS."""

import json
from pathlib import Path

from shuyi import files
from shuyi.china.rules import CONTRACT
from shuyi.data.registers import verify_registers
from shuyi.data.snapshot import refresh_descriptor, verify_snapshot
from shuyi.pipeline.integrity import DESCRIPTIONS, SUMS

root, lines = Path("data"), []
for name, folders in DESCRIPTIONS.items():
    paths = sorted(path for folder in folders for path in (root / folder).glob("[!.]*.csv"))
    content = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    described = refresh_descriptor(files.read_json(root / name), content)
    if name == "registers.json":
        verify_registers(described, content)
    else:
        verify_snapshot(described, content, CONTRACT)
    files.write_text(root / name, json.dumps(described, ensure_ascii=False, indent=2) + "\n")
    lines.append(f"{files.file_digest(root / name)}  {name}\n")
files.write_text(root / SUMS, "".join(lines))
