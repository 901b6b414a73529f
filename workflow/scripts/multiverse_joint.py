"""Gather the chunks of the curve under the null and test the whole curve."""

from shuyi import files
from shuyi.analyses.curve.estimates import gathered, joint_frames
from shuyi.analyses.curve.frames import universe_of
from shuyi.china.places import PLACES
from shuyi.pipeline import jobs, records

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params.settings
    universe = universe_of(jobs.InputFiles(i), p, PLACES)
    parts = [files.read_arrays(path) for path in i.null]
    null = gathered(parts, len(universe.specifications))
    joint, draws = joint_frames(universe, records.read_frame(i.estimates), null, 1 - p["level"])
    records.write_csvs([o.joint, o.draws], [joint, draws])
