"""Build one entry of the configured weights."""

from shuyi import io, provinces, weights

with io.logged(snakemake.log[0]):
    panel = io.read_panel(snakemake.input.panel)
    sources = weights.Sources(
        labels=panel.units,
        borders=io.read_csv_text(snakemake.input.borders)[["adcode_i", "adcode_j"]].to_numpy().tolist(),
        coordinates=provinces.coordinates(),
        panel=panel,
        groups={scheme: provinces.region_scheme(scheme) for scheme in provinces.REGION_SCHEMES},
        files={path: io.read_text(path) for path in snakemake.input.files},
        resolve=lambda name: provinces.resolve(name).code,
        specs=snakemake.params.specs,
    )
    built = weights.build_weights(snakemake.params.specs[snakemake.wildcards.weights], sources)
    io.write_weights(snakemake.output.matrix, built)
