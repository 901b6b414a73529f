"""Draw Moran scatterplots of one variable in several years."""

from shuyi import files
from shuyi.analyses.autocorrelation import figures
from shuyi.china import provinces
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    lisa = files.read_csv(snakemake.input.lisa, text=["unit"])
    figure = figures.moran_scatter(
        figures.scatter_points(lisa),
        figures.scatter_statistics(files.read_csv(snakemake.input.moran), lisa),
        labels,
        variable=labels.term(snakemake.wildcards.variable),
        names=provinces.display_names(snakemake.params.language),
    )
    records.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
