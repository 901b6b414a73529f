"""Draw the location quotients of the digital industries in the last year."""

from shuyi import files
from shuyi.analyses.industry import figures
from shuyi.pipeline import records
from shuyi.publish import maps

with records.logged(snakemake.log[0]):
    p = snakemake.params
    labels = records.read_labels(snakemake.input.labels, p.language)
    figure = figures.industry_map(
        files.read_csv(snakemake.input.industry, text=["unit"]),
        labels,
        maps.MapCredit(p.approval_number, labels.text("map.source")),
        year=p.year,
    )
    records.write_figure(snakemake.output[0], figure, dpi=p.dpi)
