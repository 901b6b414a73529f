"""Write the manifest: digests of every input and output, versions, code and settings."""

from shuyi import io, provenance

with io.logged(snakemake.log[0]):
    record = provenance.manifest(
        inputs={path: io.read_bytes(path) for path in snakemake.input.inputs},
        outputs={path: io.read_bytes(path) for path in snakemake.input.outputs},
        settings=snakemake.params.settings,
        packages=provenance.NUMERIC_PACKAGES,
    )
    io.write_json(snakemake.output[0], record)
