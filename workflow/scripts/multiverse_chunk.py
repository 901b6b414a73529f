"""Draw one chunk of the specification curve under the null."""

from shuyi import files
from shuyi.analyses.curve.estimates import chunk_positions, null_arrays
from shuyi.analyses.curve.frames import universe_of
from shuyi.china.places import PLACES
from shuyi.pipeline import jobs, records

with records.logged(snakemake.log[0]):
    p, chunk = snakemake.params, int(snakemake.wildcards.chunk)
    universe = universe_of(jobs.InputFiles(snakemake.input), p.settings, PLACES)
    part = universe.part(chunk_positions(len(universe.specifications), chunk, p.chunks))
    files.write_arrays(snakemake.output[0], null_arrays(part, p.settings["draws"], p.settings["seed"]))
