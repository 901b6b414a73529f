"""Draw the ranks of the last year with their intervals."""

from shuyi import figures_measurement, io, provinces

with io.logged(snakemake.log[0]):
    p = snakemake.params
    figure = figures_measurement.rank_intervals_figure(
        io.read_csv(snakemake.input.intervals, text=["unit"]),
        io.read_labels(snakemake.input.labels, p.language),
        names=provinces.display_names(p.language),
        year=p.year,
        level=p.level,
    )
    io.write_figure(snakemake.output[0], figure, dpi=p.dpi)
