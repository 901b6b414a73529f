"""Write tables 31 to 33: index schemes, stability of ranks, ranks with intervals."""

from shuyi import io, provinces
from shuyi.tables import TableOptions, rankings

with io.logged(snakemake.log[0]):
    p, source = snakemake.params, snakemake.input
    labels, names = io.read_labels(source.labels, p.language), provinces.display_names(p.language)
    options, facts = TableOptions.from_config(p.options), p.rankings | {"seed": p.seed}
    summary = io.read_csv(source.summary, text=["missing", "reason", "overlap"])
    stability, intervals = io.read_csv(source.stability, text=rankings.ENDS_TEXT), source.intervals
    tables = [
        rankings.schemes_table(summary, stability, labels, options, **p.index),
        rankings.stability_table(stability, labels, options, **p.index, top=facts["top"], names=names),
        rankings.rank_intervals_table(
            io.read_csv(intervals, text=["unit"]), labels, p.index["weighting"], names, p.years, facts
        ),
    ]
    io.write_tables(list(snakemake.output), tables)
