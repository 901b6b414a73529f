"""Rewrite the generated reference files: environment.yml, config/README.md and the list of tables in README.md."""

from shuyi.targets import targets

from shuyi import io, reference

io.write_text("environment.yml", reference.environment(io.read_text("requirements.lock")))
schema = io.read_yaml("workflow/schemas/config.schema.yaml")
io.write_text("config/README.md", reference.config_reference(schema))
listed = reference.table_list(targets(), io.read_rows("config/specifications.csv"))
io.write_text("README.md", reference.replace_block(io.read_text("README.md"), "tables", listed))
