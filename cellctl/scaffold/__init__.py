"""What `cellctl new` writes: a cell, a plugin or a camera driver to start from; templates are package data."""

from cellctl.scaffold.names import ProjectName, cell_id, project_name
from cellctl.scaffold.projects import CellAnswers, new_cell, new_project
from cellctl.scaffold.tree import write_tree

__all__ = ["CellAnswers", "ProjectName", "cell_id", "new_cell", "new_project", "project_name", "write_tree"]
