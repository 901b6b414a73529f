"""Build every entry of the configured weights and describe their connectivity."""

from shuyi import files, weights
from shuyi.china.sources import province_sources
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o = snakemake.input, snakemake.output
    texts = {path: files.read_text(path) for path in i.files}
    sources = province_sources(files.read_rows(i.borders), records.read_panel(i.panel), texts)
    built = weights.build_all(snakemake.params.specs, sources)
    records.write_all_weights(o.matrices, built)
    files.write_csv(o.summary, weights.summary(built, sources.coordinates))
