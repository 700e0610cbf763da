"""What to know of a server that the whole network can reach."""

from __future__ import annotations

import ipaddress

from cellctl.config.findings.scene import Scene
from cellctl.errors import text


def check_scada(scene: Scene) -> None:
    """Remark that Modbus has no login, when others than this machine may ask."""
    server = scene.cell.scada
    if server is not None and not ipaddress.ip_address(server.host).is_loopback:
        scene.notes.append(text(
            "scada listens on {host}: Modbus has no login, so whoever reaches port {port} reads these values; "
            "let a firewall say who that is", host=server.host, port=server.port))  # fmt: skip
