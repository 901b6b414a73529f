"""Simulate one cell of the study: bias, coverage, and size of the tests."""

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
    found = montecarlo.replicate(cell, layout, settings)
    files.write_csv(snakemake.output.bias, montecarlo.bias_table(found))
    files.write_csv(snakemake.output.coverage, montecarlo.coverage_table(found))
    files.write_csv(snakemake.output.size, montecarlo.size_table(cell, layout, settings))
