"""Rewrite what is generated: environment.yml, config/README.md and the list of tables in README.md."""

from pathlib import Path

from shuyi import io, reference

labels = io.read_labels(sorted(Path("config/labels").glob("*.csv")), "en")
listed = reference.table_list(labels, io.read_rows("config/specifications.csv"))
schema = io.read_yaml("workflow/schemas/config.schema.yaml")
io.write_text("environment.yml", reference.environment(io.read_text("requirements.lock")))
io.write_text("config/README.md", reference.config_reference(schema))
io.write_text("README.md", reference.replace_block(io.read_text("README.md"), "tables", listed))
