"""Seeing: from pixels to classified objects on the web."""
