"""Measure the coupling coordination of the configured sets of systems."""

from shuyi import files, indices
from shuyi.analyses.coordination import degrees
from shuyi.analyses.coordination import frames as measured
from shuyi.china import regions, series
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    schema, p = files.read_yaml(snakemake.input.scheme_schema), snakemake.params
    schemes = [
        indices.load_scheme(files.read_yaml(path), schema, file=path) for path in snakemake.input.schemes
    ]
    raw, sets_schema = files.read_yaml(snakemake.input.sets), files.read_yaml(snakemake.input.schema)
    sets = degrees.load_sets(raw, sets_schema, {s.id: s for s in schemes}, schema)
    frames = measured.coordination_frames(
        [sets[name] for name in p.sets],
        records.read_panel(snakemake.input.panel),
        weighting=p.weighting,
        caveats=series.caveats_from(files.read_csv_text(snakemake.input.caveats)),
        regions=regions.region_of(p.scheme),
    )
    records.write_frames(dict(snakemake.output.items()), frames)
