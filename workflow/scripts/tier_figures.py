"""Draw the tiers on maps and the development coordinates with yearly arrows."""

from shuyi import files
from shuyi.analyses.tiers import figures as tiers_figures
from shuyi.china import provinces, regions
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    p = snakemake.params
    labels = records.read_labels(snakemake.input.labels, p.language)
    tiers = files.read_csv(snakemake.input.tiers, text=["unit"])
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    coordinates = tiers_figures.coordinates_figure(
        files.read_csv(snakemake.input.arrows, text=["unit"]),
        tiers,
        labels,
        regions=regions.region_of(p.scheme),
        names=provinces.display_names(p.language),
    )
    tier_map = tiers_figures.tier_map(tiers, labels, credit, years=p.years)
    figures = {"tier_map": tier_map, "development_coordinates": coordinates}
    records.write_figures(list(snakemake.output), figures, dpi=p.dpi)
