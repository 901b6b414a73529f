"""Write the explorer, and the responses to its scenarios."""

from shuyi import files
from shuyi.analyses.explorer.contents import contents
from shuyi.pipeline import jobs, records
from shuyi.publish import explorer
from shuyi.publish.labels import LANGUAGES

with records.logged(snakemake.log[0]):
    o, p = snakemake.output, snakemake.params
    pages = jobs.pages_of(snakemake.input, p.settings, p.shared, LANGUAGES)
    found = contents(pages)
    files.write_csv(o.scenarios, found.scenarios)
    files.write_bytes(o.html, explorer.render(found.record, pages[0].labels.text("explorer.title")))
