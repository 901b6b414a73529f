"""The register of facts: claims of the source literature, checked against official figures."""
