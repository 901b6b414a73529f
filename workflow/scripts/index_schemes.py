"""Compute every index scheme under every weighting, the stability of ranks and their intervals."""

from shuyi import files, indices
from shuyi.analyses.index import frames as index_frames
from shuyi.china import series
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    schema, p = files.read_yaml(snakemake.input.schema), snakemake.params
    runs = index_frames.run_schemes(
        [indices.load_scheme(files.read_yaml(path), schema, file=path) for path in snakemake.input.schemes],
        records.read_panel(snakemake.input.panel),
        caveats=series.caveats_from(files.read_csv_text(snakemake.input.caveats)),
        variables=[v for v in p.variables if v != indices.INDEX],
    )
    frames = index_frames.scheme_frames(runs, p.scheme, p.weighting, **p.rankings, seed=p.seed)
    records.write_frames(dict(snakemake.output.items()), frames)
