"""Draw the classes of coordination of each set of systems on maps, and the trend by region."""

from shuyi import files
from shuyi.analyses.coordination import figures
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    p = snakemake.params
    labels = records.read_labels(snakemake.input.labels, p.language)
    maps_by_set = figures.coordination_maps(
        files.read_csv(snakemake.input.coordination, text=["unit"]),
        labels,
        maps.MapCredit(p.approval_number, labels.text("map.source")),
        sets=p.sets,
        years=p.years,
        variant=p.variant,
    )
    trend = figures.trend_figure(
        files.read_csv(snakemake.input.trend), labels, sets=p.sets, variant=p.variant
    )
    records.write_figures(list(snakemake.output), maps_by_set | {"coordination_trend": trend}, dpi=p.dpi)
