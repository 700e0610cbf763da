"""From a file to plain data in which every value knows its place."""
