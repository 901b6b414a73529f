"""Draw the digital development index in several years on one classification."""

from shuyi import figuredata, io, maps

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    panel, p = io.read_panel(snakemake.input.panel), snakemake.params
    figure = maps.map_index(
        figuredata.by_unit_and_year(panel, "digital", p.years),
        labels,
        maps.MapCredit(p.approval_number, labels.text("map.source")),
        legend_title=labels.term("digital"),
        scheme=p.classification,
        classes=p.classes,
    )
    io.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
