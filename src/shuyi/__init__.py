"""Digital spillovers between Chinese provinces: data, weights, spatial panel models, tables and maps."""
