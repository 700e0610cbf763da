"""A view with something in every part."""

from __future__ import annotations

from cellctl.hmi.view import (
    AlarmRow,
    CellView,
    CorrectionRow,
    DefectRow,
    NonconformityRow,
    ProcessRow,
    StageRow,
)


def example_view() -> CellView:
    """A cell that verifies a correction while a report waits for a person."""
    processes = ("plc", "wet_camera", "inspect", "loop", "evidence")
    return CellView(
        cell="coater-01",
        state="EXECUTE",
        reason="started by the operator",
        elapsed_s=73,
        speed_m_s=1.0,
        encoder_m=73.4,
        inspected_m=71.9,
        defects=(
            DefectRow("coat_edge_spur", "left", 1, 0.10, 9, 0.13, 0.1),
            DefectRow("coat_edge_spur", "right", 0, 0.0, 0, 0.0, 0.1),
            DefectRow("agglomerate", "none", 3, 0.30, 3, 0.04),
        ),
        corrections=(
            CorrectionRow(
                "edge_spur-left-1", "coat_edge_spur", "left", "VERIFYING", "material from 39.40 m on counts",
                "plc.blade_load_sp_left", "kPa", 20.0, 21.0, 21.0, 8.2, 1, (0.0, 0.9, -0.4, 1.1), 2.94, False,
            ),
        ),
        nonconformities=(NonconformityRow("NCR-1", "agglomerate", 60.0, 66.0, "slurry mixing or filter"),),
        alarms=(AlarmRow("escalation.x", "medium", "3 objects of agglomerate within 50 m: look at the filter"),),
        stages=(
            StageRow("exposure → received", 2800, 0.9, 1.4, 3.0),
            StageRow("received → judged", 2800, 2.1, 4.0, 6.0),
        ),
        received=2801,
        judged=2800,
        processes=tuple(ProcessRow(name, "ready", True) for name in processes),
    )  # fmt: skip
