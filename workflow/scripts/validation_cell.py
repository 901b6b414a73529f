"""Simulate one cell of the study: bias, coverage, and size of the tests."""

from shuyi import io
from shuyi.spatialpanel import study

with io.logged(snakemake.log[0]):
    settings = study.load_settings(
        io.read_yaml(snakemake.input.settings), io.read_yaml(snakemake.input.schema)
    )
    cell = settings.cell(snakemake.wildcards.cell)
    ground = settings.ground(cell, io.read_rows(snakemake.input.borders))
    found = study.replicate(cell, ground, settings)
    io.write_csv(snakemake.output.bias, study.bias_table(found))
    io.write_csv(snakemake.output.coverage, study.coverage_table(found))
    io.write_csv(snakemake.output.size, study.size_table(cell, ground, settings))
