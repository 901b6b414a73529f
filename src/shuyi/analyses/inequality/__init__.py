"""Inequality between units: Theil and Dagum decompositions by region, and summary measures."""
