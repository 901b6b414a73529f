"""Draw the tiers on maps and the development coordinates with yearly arrows."""

from shuyi import figures_measurement, io, maps, maps_measurement, provinces, regions

with io.logged(snakemake.log[0]):
    p = snakemake.params
    labels = io.read_labels(snakemake.input.labels, p.language)
    tiers = io.read_csv(snakemake.input.tiers, text=["unit"])
    credit = maps.MapCredit(p.approval_number, labels.text("map.source"))
    coordinates = figures_measurement.coordinates_figure(
        io.read_csv(snakemake.input.arrows, text=["unit"]),
        tiers,
        labels,
        regions=regions.region_of(p.scheme),
        names=provinces.display_names(p.language),
    )
    tier_map = maps_measurement.tier_map(tiers, labels, credit, years=p.years)
    figures = {"tier_map": tier_map, "development_coordinates": coordinates}
    io.write_figures(list(snakemake.output), figures, dpi=p.dpi)
