"""Verify the committed figures and registers against their descriptions, and list every violation."""

from shuyi import files
from shuyi.china.rules import CONTRACT
from shuyi.data import registers, snapshot
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o = snakemake.input, snakemake.output
    figures = records.described(i.snapshot, i.figures)
    found = snapshot.verify_snapshot(files.read_json(i.snapshot), figures, CONTRACT)
    files.write_json(o.snapshot, found.to_record())
    found = registers.verify_registers(files.read_json(i.registers), records.described(i.registers, i.tables))
    files.write_json(o.registers, found.to_record())
