"""Faces of the cell: the terminal's live view, and the plain data that every face shows."""

from cellctl.hmi.picture import export_svg
from cellctl.hmi.plain import plain_line
from cellctl.hmi.screen import Screen
from cellctl.hmi.terminal import render
from cellctl.hmi.view import CellView, ProcessRow
from cellctl.hmi.view_model import ViewModel

__all__ = ["CellView", "ProcessRow", "Screen", "ViewModel", "export_svg", "plain_line", "render"]
