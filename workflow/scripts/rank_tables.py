"""Write tables 31 to 33: index schemes, stability of ranks, ranks with intervals."""

from shuyi import files
from shuyi.analyses.index import tables as index_tables
from shuyi.china import provinces
from shuyi.pipeline import records
from shuyi.publish.numbers import TableOptions

with records.logged(snakemake.log[0]):
    p, source = snakemake.params, snakemake.input
    labels, names = records.read_labels(source.labels, p.language), provinces.display_names(p.language)
    options, facts = TableOptions.from_config(p.options), p.rankings | {"seed": p.seed}
    summary = files.read_csv(source.summary, text=["missing", "reason", "overlap"])
    stability, intervals = files.read_csv(source.stability, text=index_tables.ENDS_TEXT), source.intervals
    tables = [
        index_tables.schemes_table(summary, stability, labels, options, **p.index),
        index_tables.stability_table(stability, labels, options, **p.index, top=facts["top"], names=names),
        index_tables.rank_intervals_table(
            files.read_csv(intervals, text=["unit"]), labels, p.index["weighting"], names, p.years, facts
        ),
    ]
    records.write_tables(list(snakemake.output), tables)
