"""Read, repair and match the outlines of a paper's own units, and say what was found."""

from shuyi import files
from shuyi.own import boundaries
from shuyi.pipeline import records, subject

with records.logged(snakemake.log[0]):
    o, paper = snakemake.output, snakemake.params.subject
    found = boundaries.read_boundaries(paper["boundaries"], subject.units_of(paper))
    records.write_boundaries(o.outlines, found)
    files.write_json(o.about, dict(found.account))
