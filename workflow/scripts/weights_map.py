"""Draw the links of the headline weights between the capitals."""

from shuyi.analyses.estimation import figures
from shuyi.china import provinces
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    figure = figures.map_connectivity(
        records.read_weights(snakemake.input.weights),
        provinces.coordinates_frame(),
        labels,
        maps.MapCredit(snakemake.params.approval_number, labels.text("map.source")),
        added=[tuple(pair) for pair in snakemake.params.added],
    )
    records.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
