"""Draw Moran scatterplots of one variable in several years."""

from shuyi import figuredata, figures, io, provinces

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    lisa = io.read_csv(snakemake.input.lisa, text=["unit"])
    figure = figures.moran_scatter(
        figuredata.scatter_points(lisa),
        figuredata.scatter_statistics(io.read_csv(snakemake.input.moran), lisa),
        labels,
        variable=labels.term(snakemake.wildcards.variable),
        names=provinces.display_names(snakemake.params.language),
    )
    io.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
