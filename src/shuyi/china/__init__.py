"""China's provinces: their registry, regions, boundaries, official figures and derived variables."""
