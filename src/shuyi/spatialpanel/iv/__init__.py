"""Instrumental variables for spatial equations: the model, its equation, moments, diagnostics and results."""
