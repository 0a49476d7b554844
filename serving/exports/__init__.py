"""Scores as the files and request bodies that other tools take."""
