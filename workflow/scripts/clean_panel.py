"""Derive the clean panel from the official figures and join the user's own variables."""

from shuyi import io
from shuyi.data import clean, imputation, users

with io.logged(snakemake.log[0]):
    cleaned = clean.build_panel(
        io.read_csv(snakemake.input.figures, text=["province_code"]),
        io.read_csv_text(snakemake.input.codebook),
        io.read_csv_text(snakemake.input.caveats),
        first_year=snakemake.params.first_year,
        last_year=snakemake.params.last_year,
        base_year=snakemake.params.base_year,
        variables=snakemake.params.variables,
    )
    panel = users.join_user_files(cleaned.panel, map(io.read_csv_text, snakemake.input.user))
    io.write_panel(snakemake.output.panel, panel)
    io.write_json(snakemake.output.about, cleaned.to_record())
    io.write_csv(snakemake.output.imputed, imputation.log_frame(cleaned.imputation_log))
