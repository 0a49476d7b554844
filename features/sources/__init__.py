"""Readers that turn foreign data into the one table of events."""
