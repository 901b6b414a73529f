"""Draw the classes of coordination of each set of systems on maps, and the trend by region."""

from shuyi import figures_measurement, io, maps, maps_measurement

with io.logged(snakemake.log[0]):
    p = snakemake.params
    labels = io.read_labels(snakemake.input.labels, p.language)
    maps_by_set = maps_measurement.coordination_maps(
        io.read_csv(snakemake.input.coordination, text=["unit"]),
        labels,
        maps.MapCredit(p.approval_number, labels.text("map.source")),
        sets=p.sets,
        years=p.years,
        variant=p.variant,
    )
    trend = figures_measurement.trend_figure(
        io.read_csv(snakemake.input.trend), labels, sets=p.sets, variant=p.variant
    )
    io.write_figures(list(snakemake.output), maps_by_set | {"coordination_trend": trend}, dpi=p.dpi)
