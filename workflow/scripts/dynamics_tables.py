"""Write tables 18, 27 and 28: Markov chains, quadrants of the Moran scatterplot, rank mobility."""

from shuyi import io, tables
from shuyi.tables import distribution

with io.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    made = distribution.dynamics_tables(
        io.read_frames(files, p.frames, text=["unit"]),
        io.read_labels(files.labels, p.language),
        tables.TableOptions.from_config(p.options),
        weights={p.weights: io.read_weights(files.neighbours)},
    )
    io.write_tables(list(snakemake.output), made)
