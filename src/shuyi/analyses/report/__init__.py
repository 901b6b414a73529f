"""The yearly report, and the monitor of what changed."""
