"""Draw the links of the headline weights between the capitals."""

from shuyi import io, maps, provinces

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    figure = maps.map_connectivity(
        io.read_weights(snakemake.input.weights),
        provinces.coordinates_frame(),
        labels,
        maps.MapCredit(snakemake.params.approval_number, labels.text("map.source")),
        added=[tuple(pair) for pair in snakemake.params.added],
    )
    io.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
