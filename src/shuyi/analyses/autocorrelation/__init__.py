"""Spatial autocorrelation: Moran's I by year and weights, and local clusters."""
