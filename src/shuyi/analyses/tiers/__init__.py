"""Tiers of development, their transitions and instruments, and the development coordinates."""
