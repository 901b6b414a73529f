"""Verify the registers of claims and instruments against their description."""

from pathlib import Path

from shuyi import io
from shuyi.data import registers

with io.logged(snakemake.log[0]):
    root = Path(snakemake.input.descriptor).parent
    files = {Path(path).relative_to(root).as_posix(): io.read_bytes(path) for path in snakemake.input.files}
    report = registers.verify_registers(io.read_json(snakemake.input.descriptor), files)
    io.write_json(snakemake.output[0], report.to_record())
