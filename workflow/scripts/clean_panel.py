"""Derive the clean panel from the official figures."""

from shuyi import io
from shuyi.data import clean, imputation

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
    io.write_panel(snakemake.output.panel, cleaned.panel)
    io.write_json(snakemake.output.about, cleaned.to_record())
    io.write_csv(snakemake.output.imputed, imputation.log_frame(cleaned.imputation_log))
