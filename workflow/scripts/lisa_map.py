"""Draw the LISA clusters of one variable in several years."""

from shuyi import figuredata, io, maps

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    lisa = io.read_csv(snakemake.input.lisa, text=["unit"])
    figure = maps.map_lisa(
        figuredata.clusters_by_year(lisa),
        labels,
        maps.MapCredit(snakemake.params.approval_number, labels.text("map.source")),
        legend_title=labels.term(snakemake.wildcards.variable),
        notes=[figuredata.lisa_note(lisa, labels)],
    )
    io.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
