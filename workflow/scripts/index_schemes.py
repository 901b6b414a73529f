"""Compute every index scheme under every weighting, the stability of ranks and their intervals."""

from shuyi import indices, io
from shuyi.data import series
from shuyi.measurement import schemes

with io.logged(snakemake.log[0]):
    schema, p = io.read_yaml(snakemake.input.schema), snakemake.params
    runs = schemes.run_schemes(
        [indices.load_scheme(io.read_yaml(path), schema, file=path) for path in snakemake.input.schemes],
        io.read_panel(snakemake.input.panel),
        caveats=series.caveats_from(io.read_csv_text(snakemake.input.caveats)),
        variables=[v for v in p.variables if v != indices.INDEX],
    )
    frames = schemes.scheme_frames(runs, p.scheme, p.weighting, **p.rankings, seed=p.seed)
    io.write_frames(dict(snakemake.output.items()), frames)
