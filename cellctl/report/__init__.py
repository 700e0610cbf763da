"""Reports that people read: one HTML file from a run's folder, and the same as PDF."""

from cellctl.report.needs import check_packages
from cellctl.report.run_record import RunRecord, read_run

__all__ = ["RunRecord", "check_packages", "read_run"]
