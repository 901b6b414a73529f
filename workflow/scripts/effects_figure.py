"""Draw direct, indirect and total effects of the headline model with both intervals."""

from shuyi import figuredata, figures, io

with io.logged(snakemake.log[0]):
    labels = io.read_labels(snakemake.input.labels, snakemake.params.language)
    figure = figures.effects_figure(
        figuredata.effect_intervals(io.read_csv(snakemake.input.effects)),
        labels,
        term_names={term: labels.term(term) for term in snakemake.params.terms},
        level=snakemake.params.level,
    )
    io.write_figure(snakemake.output[0], figure, dpi=snakemake.params.dpi)
