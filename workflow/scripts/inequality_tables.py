"""Write tables 16, 23, 24 and 25: inequality by year, region, indicator and province."""

from shuyi import indices, io, tables
from shuyi.tables import distribution

with io.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = io.read_labels(files.labels, p.language)
    scheme = indices.load_scheme(io.read_yaml(files.scheme), io.read_yaml(files.schema))
    made = distribution.inequality_tables(
        io.read_frames(files, p.frames, text=["unit", "largest", "smallest"]),
        labels,
        tables.TableOptions.from_config(p.options),
        weights={p.weights: io.read_weights(files.neighbours)},
        titles=tables.scheme_titles(scheme, labels),
        years=p.years,
    )
    io.write_tables(list(snakemake.output), made)
