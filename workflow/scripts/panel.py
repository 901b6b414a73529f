"""Join the clean panel and the digital index."""

from shuyi import io

with io.logged(snakemake.log[0]):
    panel = io.read_panel(snakemake.input.panel).join(io.read_panel(snakemake.input.index))
    io.write_panel(snakemake.output.parquet, panel)
    io.write_csv(snakemake.output.csv, panel.to_frame().reset_index())
