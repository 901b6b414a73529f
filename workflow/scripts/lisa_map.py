"""Draw the LISA clusters of one variable in several years."""

from shuyi import files
from shuyi.analyses.autocorrelation import figures
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    lisa = files.read_csv(snakemake.input.lisa, text=["unit"])
    figure = figures.map_lisa(
        figures.clusters_by_year(lisa),
        labels,
        maps.MapCredit(snakemake.params.approval_number, labels.text("map.source")),
        legend_title=labels.term(snakemake.wildcards.variable),
        notes=[figures.lisa_note(lisa, labels)],
    )
    records.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
