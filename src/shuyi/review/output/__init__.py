"""The report: on a terminal, as a page and as a document."""
