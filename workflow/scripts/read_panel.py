"""Read the figures of a paper's own files, derive its variables, and log every cell that was changed."""

from shuyi import files
from shuyi.data import imputation
from shuyi.own import panel
from shuyi.pipeline import records, subject

with records.logged(snakemake.log[0]):
    o, p = snakemake.output, snakemake.params
    found = panel.build_panel(p.subject, subject.units_of(p.subject), p.years, p.used)
    records.write_panels([o.panel, *o.joined], found.panel)
    files.write_json(o.about, found.to_record())
    files.write_csv(o.imputed, imputation.log_frame([]))
    records.write_csvs([o.changes, o.left_out], [found.changes(), found.left_out()])
