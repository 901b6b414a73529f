"""Write tables 18, 27 and 28: Markov chains, quadrants of the Moran scatterplot, rank mobility."""

from shuyi.analyses.dynamics import tables
from shuyi.pipeline import records
from shuyi.publish import numbers

with records.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    made = tables.dynamics_tables(
        records.read_frames(files, p.frames, text=["unit"]),
        records.read_labels(files.labels, p.language),
        numbers.TableOptions.from_config(p.options),
        weights={p.weights: records.read_weights(files.neighbours)},
    )
    records.write_tables(list(snakemake.output), made)
