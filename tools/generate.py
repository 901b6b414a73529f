"""Rewrite environment.yml, config/README.md, and the list of tables, answer and pictures of README.md.

Answer and pictures are those of the last run of the default paper; without one they stay as they are.
"""

from pathlib import Path

import readme_images

from shuyi import files
from shuyi.pipeline import records, reference
from shuyi.pipeline.run import load_run, read_config, titles_of

labels = records.read_labels(sorted(Path("config/labels").glob("*.csv")), "en")
run = load_run(read_config({}, []))
listed = reference.table_list(run, titles_of(run, labels))
schema = files.read_yaml("workflow/schemas/config.schema.yaml")
files.write_text("environment.yml", reference.environment(files.read_text("requirements.lock")))
files.write_text("config/README.md", reference.config_reference(schema))
readme = reference.replace_block(files.read_text("README.md"), "tables", listed)
if Path("results/answer.json").is_file():
    answer = files.read_json("results/answer.json")["text"]
    readme = reference.replace_block(readme, "answer", reference.quoted(answer.values()))
files.write_text("README.md", readme)
readme_images.main()
