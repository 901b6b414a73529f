"""Draw the digital development index in several years on one classification."""

from shuyi import frames
from shuyi.analyses.index import figures
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    panel, p = records.read_panel(snakemake.input.panel), snakemake.params
    figure = figures.map_index(
        frames.by_unit_and_year(panel, "digital", p.years),
        labels,
        maps.MapCredit(p.approval_number, labels.text("map.source")),
        legend_title=labels.term("digital"),
        scheme=p.classification,
        classes=p.classes,
    )
    records.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
