"""Build one entry of the configured weights."""

from shuyi import io, weights

with io.logged(snakemake.log[0]):
    sources = weights.Sources.of_provinces(
        io.read_rows(snakemake.input.borders),
        io.read_panel(snakemake.input.panel),
        {path: io.read_text(path) for path in snakemake.input.files},
    )
    built = weights.build_named(snakemake.wildcards.weights, snakemake.params.specs, sources)
    io.write_weights(snakemake.output.matrix, built)
