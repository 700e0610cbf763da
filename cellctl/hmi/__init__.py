"""Faces for people at the line."""
