"""Join the clean panel and the digital index."""

from shuyi import files
from shuyi.pipeline import records

with records.logged(snakemake.log[0]):
    panel = records.read_panel(snakemake.input.panel).join(records.read_panel(snakemake.input.index))
    records.write_panel(snakemake.output.parquet, panel)
    files.write_csv(snakemake.output.csv, panel.to_frame().reset_index())
