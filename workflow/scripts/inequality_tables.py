"""Write tables 16, 23, 24 and 25: inequality by year, region, indicator and province."""

from shuyi import files as shuyi_files
from shuyi import indices
from shuyi.analyses.index import tables as index_tables
from shuyi.analyses.inequality import tables
from shuyi.pipeline import records
from shuyi.publish import numbers

with records.logged(snakemake.log[0]):
    p, files = snakemake.params, snakemake.input
    labels = records.read_labels(files.labels, p.language)
    scheme = indices.load_scheme(shuyi_files.read_yaml(files.scheme), shuyi_files.read_yaml(files.schema))
    made = tables.inequality_tables(
        records.read_frames(files, p.frames, text=["unit", "largest", "smallest"]),
        labels,
        numbers.TableOptions.from_config(p.options),
        weights={p.weights: records.read_weights(files.neighbours)},
        titles=index_tables.scheme_titles(scheme, labels),
        years=p.years,
    )
    records.write_tables(list(snakemake.output), made)
