"""Write the manifest: digests of every input and output, versions, code and settings."""

from shuyi import files
from shuyi.pipeline import provenance, records

with records.logged(snakemake.log[0]):
    record = provenance.manifest(
        inputs={path: files.read_bytes(path) for path in snakemake.input.inputs},
        outputs={path: files.read_bytes(path) for path in snakemake.input.outputs},
        settings=snakemake.params.settings,
        packages=provenance.dependencies(),
    )
    files.write_json(snakemake.output[0], record)
