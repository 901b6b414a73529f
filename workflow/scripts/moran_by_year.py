"""Draw Moran's I over the years, one panel per weights."""

from shuyi import files
from shuyi.analyses.autocorrelation import figures
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    moran = files.read_csv(snakemake.input.moran)
    figure = figures.moran_by_year(
        figures.moran_bands(moran, snakemake.params.variable),
        labels,
        weights_names={name: labels.name("weights", name) for name in snakemake.params.names},
    )
    records.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
