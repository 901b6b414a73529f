"""The run.

Its configuration and checks, its jobs, what they keep between them, and where results come from.
"""
