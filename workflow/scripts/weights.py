"""Build every entry of the configured weights and describe their connectivity."""

from shuyi import files, weights
from shuyi.pipeline import records, subject

with records.logged(snakemake.log[0]):
    i, o = snakemake.input, snakemake.output
    paper, panel = snakemake.params.subject, records.read_panel(i.panel)
    sources = subject.weights_sources(paper, list(i.borders), panel, list(i.files))
    built = weights.build_all(snakemake.params.specs, sources)
    records.write_all_weights(o.matrices, built)
    files.write_csv(o.summary, weights.summary(built, sources.coordinates or None))
