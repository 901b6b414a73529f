"""Build every entry of the configured weights and describe their connectivity."""

from shuyi import files, weights
from shuyi.china import provinces, sources
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o = snakemake.input, snakemake.output
    texts = {path: files.read_text(path) for path in i.files}
    given = sources.province_sources(files.read_rows(i.borders), records.read_panel(i.panel), texts)
    built = weights.build_all(snakemake.params.specs, given)
    records.write_all_weights(o.matrices, built)
    files.write_csv(o.summary, weights.summary(built, provinces.coordinates_of_capitals()))
