"""Join the clean panel, the index and the user's own variables."""

from shuyi import io
from shuyi.data import users

with io.logged(snakemake.log[0]):
    panel = io.read_panel(snakemake.input.panel).join(io.read_panel(snakemake.input.index))
    panel = users.join_user_files(panel, map(io.read_csv_text, snakemake.input.user))
    io.write_panel(snakemake.output.parquet, panel)
    io.write_csv(snakemake.output.csv, panel.to_frame().reset_index())
