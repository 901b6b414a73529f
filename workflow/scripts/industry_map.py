"""Draw the location quotients of the digital industries in the last year."""

from shuyi import io, maps, maps_measurement

with io.logged(snakemake.log[0]):
    p = snakemake.params
    labels = io.read_labels(snakemake.input.labels, p.language)
    figure = maps_measurement.industry_map(
        io.read_csv(snakemake.input.industry, text=["unit"]),
        labels,
        maps.MapCredit(p.approval_number, labels.text("map.source")),
        year=p.year,
    )
    io.write_figure(snakemake.output[0], figure, dpi=p.dpi)
