"""Rewrite what is generated: environment.yml, config/README.md and the list of tables in README.md."""

from pathlib import Path

from shuyi import io, reference

labels = io.read_labels(sorted(Path("config/labels").glob("*.csv")), "en")
rules = [io.read_text(path) for path in sorted(Path("workflow/rules").glob("*.smk"))]
sheet = io.read_rows("config/specifications.csv")
listed = reference.table_list(labels, sheet, reference.programs(rules))
schema = io.read_yaml("workflow/schemas/config.schema.yaml")
io.write_text("environment.yml", reference.environment(io.read_text("requirements.lock")))
io.write_text("config/README.md", reference.config_reference(schema))
io.write_text("README.md", reference.replace_block(io.read_text("README.md"), "tables", listed))
