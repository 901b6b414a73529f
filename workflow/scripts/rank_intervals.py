"""Draw the ranks of the last year with their intervals."""

from shuyi import files
from shuyi.analyses.index import figures
from shuyi.china import provinces
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    p = snakemake.params
    figure = figures.rank_intervals_figure(
        files.read_csv(snakemake.input.intervals, text=["unit"]),
        records.read_labels(snakemake.input.labels, p.language),
        names=provinces.display_names(p.language),
        year=p.year,
        level=p.level,
    )
    records.write_figure(snakemake.output[0], figure, dpi=p.dpi)
