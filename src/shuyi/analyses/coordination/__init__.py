"""Coupling coordination of systems: degrees, classes, obstacles and trends."""
