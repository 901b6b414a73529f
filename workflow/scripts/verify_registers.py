"""Verify the registers of claims and instruments against their description."""

from pathlib import Path

from shuyi import files as shuyi_files
from shuyi.data import registers
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    root = Path(snakemake.input.descriptor).parent
    files = {
        Path(path).relative_to(root).as_posix(): shuyi_files.read_bytes(path)
        for path in snakemake.input.files
    }
    report = registers.verify_registers(shuyi_files.read_json(snakemake.input.descriptor), files)
    shuyi_files.write_json(snakemake.output[0], report.to_record())
