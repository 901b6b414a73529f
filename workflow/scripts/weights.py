"""Build one entry of the configured weights."""

from shuyi import files, weights
from shuyi.china.sources import province_sources
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    sources = province_sources(
        files.read_rows(snakemake.input.borders),
        records.read_panel(snakemake.input.panel),
        {path: files.read_text(path) for path in snakemake.input.files},
    )
    built = weights.build_named(snakemake.wildcards.weights, snakemake.params.specs, sources)
    records.write_weights(snakemake.output.matrix, built)
