"""The composite index: its weights, alternative schemes, and how stable its ranks are."""
