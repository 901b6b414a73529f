"""Derive the clean panel from the official figures and join the user's own variables."""

from shuyi import files
from shuyi.china import clean, provinces
from shuyi.data import imputation, users
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    cleaned = clean.build_panel(
        files.read_csv(snakemake.input.figures, text=["province_code"]),
        files.read_csv_text(snakemake.input.codebook),
        files.read_csv_text(snakemake.input.caveats),
        first_year=snakemake.params.first_year,
        last_year=snakemake.params.last_year,
        base_year=snakemake.params.base_year,
        variables=snakemake.params.variables,
    )
    tables = map(files.read_csv_text, snakemake.input.user)
    panel = users.join_user_files(cleaned.panel, tables, provinces.resolve_code)
    records.write_panel(snakemake.output.panel, panel)
    files.write_json(snakemake.output.about, cleaned.to_record())
    files.write_csv(snakemake.output.imputed, imputation.log_frame(cleaned.imputation_log))
