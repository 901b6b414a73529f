"""Rewrite what is generated: environment.yml, config/README.md and the list of tables in README.md."""

from pathlib import Path

from shuyi import files
from shuyi.pipeline import records, reference

labels = records.read_labels(sorted(Path("config/labels").glob("*.csv")), "en")
rules = [files.read_text(path) for path in sorted(Path("workflow/rules").glob("*.smk"))]
sheet = files.read_rows("config/specifications.csv")
listed = reference.table_list(labels, sheet, reference.programs(rules))
schema = files.read_yaml("workflow/schemas/config.schema.yaml")
files.write_text("environment.yml", reference.environment(files.read_text("requirements.lock")))
files.write_text("config/README.md", reference.config_reference(schema))
files.write_text("README.md", reference.replace_block(files.read_text("README.md"), "tables", listed))
