"""Draw direct, indirect and total effects of the headline model with both intervals."""

from shuyi import files
from shuyi.analyses.estimation import figures
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    labels = records.read_labels(snakemake.input.labels, snakemake.params.language)
    figure = figures.effects_figure(
        figures.effect_intervals(files.read_csv(snakemake.input.effects)),
        labels,
        term_names={term: labels.term(term) for term in snakemake.params.terms},
        level=snakemake.params.level,
    )
    records.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
