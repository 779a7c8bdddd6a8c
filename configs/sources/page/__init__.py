"""Compute and word SOURCES.md, one module a source."""
