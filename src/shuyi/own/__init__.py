"""Papers on units of one's own: a table of units, figures of any file, boundaries or points, maps."""
