"""Measure the coupling coordination of the configured sets of systems."""

from shuyi import coordination, indices, io, regions
from shuyi.data import series
from shuyi.measurement import coordination as measured

with io.logged(snakemake.log[0]):
    schema, p = io.read_yaml(snakemake.input.scheme_schema), snakemake.params
    schemes = [indices.load_scheme(io.read_yaml(path), schema, file=path) for path in snakemake.input.schemes]
    raw, sets_schema = io.read_yaml(snakemake.input.sets), io.read_yaml(snakemake.input.schema)
    sets = coordination.load_sets(raw, sets_schema, {s.id: s for s in schemes}, schema)
    frames = measured.coordination_frames(
        [sets[name] for name in p.sets],
        io.read_panel(snakemake.input.panel),
        weighting=p.weighting,
        caveats=series.caveats_from(io.read_csv_text(snakemake.input.caveats)),
        regions=regions.region_of(p.scheme),
    )
    io.write_frames(dict(snakemake.output.items()), frames)
