"""Derive the clean panel and the long one from the official figures, and join the user's own variables."""

from shuyi import files
from shuyi.china import clean, provinces
from shuyi.data import imputation, users
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    i, o, p = snakemake.input, snakemake.output, snakemake.params
    figures = files.read_csv(i.figures, text=["province_code"])
    tables = figures, files.read_csv_text(i.codebook), files.read_csv_text(i.caveats)
    years = {"last_year": p.last_year, "base_year": p.base_year}
    cleaned = clean.build_panel(*tables, first_year=p.first_year, variables=p.variables, **years)
    long = clean.build_panel(*tables, first_year=p.long_year, variables=clean.LONG_VARIABLES, **years)
    panel = users.join_user_files(cleaned.panel, map(files.read_csv_text, i.user), provinces.resolve_code)
    records.write_panel(o.panel, panel)
    records.write_panel(o.long, long.panel)
    files.write_json(o.about, cleaned.to_record())
    files.write_csv(o.imputed, imputation.log_frame(cleaned.imputation_log))
