"""Check the arithmetic of every printed table of the run."""

from shuyi import files
from shuyi.pipeline import records
from shuyi.review import own

with records.logged(snakemake.log[0]):
    p = snakemake.params
    found = own.check_printed(
        {path: files.read_text(path) for path in snakemake.input.tables},
        language=p.language,
        beside=p.beside,
        stars=p.stars,
        row_standardised=p.row_standardised,
    )
    files.write_json(snakemake.output[0], own.require_passed(found))
