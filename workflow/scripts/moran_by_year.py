"""Draw Moran's I over the years, one panel per weights."""

from shuyi import figuredata, figures, io

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    moran = io.read_csv(snakemake.input.moran)
    figure = figures.moran_by_year(
        figuredata.moran_bands(moran, snakemake.params.variable),
        labels,
        weights_names={name: labels.name("weights", name) for name in snakemake.params.names},
    )
    io.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
