"""Verify the committed figures and registers against their descriptions; stop with a list of every violation."""

from shuyi import files
from shuyi.data import registers, snapshot
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o = snakemake.input, snakemake.output
    found = snapshot.verify_snapshot(files.read_json(i.snapshot), records.described(i.snapshot, i.figures))
    files.write_json(o.snapshot, found.to_record())
    found = registers.verify_registers(files.read_json(i.registers), records.described(i.registers, i.tables))
    files.write_json(o.registers, found.to_record())
