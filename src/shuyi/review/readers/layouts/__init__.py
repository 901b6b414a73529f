"""Layouts of tables: models side by side, effects, tests, Moran's I, weights of an index."""
