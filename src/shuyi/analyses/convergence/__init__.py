"""Convergence: dispersion over time, growth regressions and convergence clubs."""
