"""Simulate the coverage of bootstrap intervals in one cell of the study."""

from shuyi import io
from shuyi.spatialpanel import study

with io.logged(snakemake.log[0]):
    settings = study.load_settings(
        io.read_yaml(snakemake.input.settings), io.read_yaml(snakemake.input.schema)
    )
    cell = settings.cell(snakemake.wildcards.cell)
    ground = settings.ground(cell, io.read_rows(snakemake.input.borders))
    io.write_csv(snakemake.output[0], study.bootstrap_table(cell, ground, settings))
