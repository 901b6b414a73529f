"""Simulate the coverage of bootstrap intervals in one cell of the study."""

from shuyi import files
from shuyi.china.sources import province_sources
from shuyi.pipeline import records
from shuyi.spatialpanel import montecarlo

with records.logged(snakemake.log[0]):
    settings = montecarlo.load_settings(
        files.read_yaml(snakemake.input.settings), files.read_yaml(snakemake.input.schema)
    )
    cell = settings.cell(snakemake.wildcards.cell)
    layout = settings.layout(cell, province_sources(files.read_rows(snakemake.input.borders)))
    files.write_csv(snakemake.output[0], montecarlo.bootstrap_table(cell, layout, settings))
