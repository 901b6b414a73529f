"""Write tables 17 and 26: sigma and beta convergence, convergence clubs."""

from shuyi import io, tables
from shuyi.tables import distribution

with io.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    made = distribution.convergence_tables(
        io.read_frames(files, p.frames, text=["unit"]),
        io.read_labels(files.labels, p.language),
        tables.TableOptions.from_config(p.options),
        weights={p.weights: io.read_weights(files.neighbours)},
        controls=p.controls,
    )
    io.write_tables(list(snakemake.output), made)
