"""Write tables 17 and 26: sigma and beta convergence, convergence clubs."""

from shuyi.analyses.convergence import tables
from shuyi.pipeline import records
from shuyi.publish import numbers

with records.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    made = tables.convergence_tables(
        records.read_frames(files, p.frames, text=["unit"]),
        records.read_labels(files.labels, p.language),
        numbers.TableOptions.from_config(p.options),
        weights={p.weights: records.read_weights(files.neighbours)},
        controls=p.controls,
    )
    records.write_tables(list(snakemake.output), made)
