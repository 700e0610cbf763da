"""The driver of the simulated camera keeps the contract that drivers of real ones are held to."""

import socket

from cellctl.sdk.registry import find_camera
from cellctl.testing import check_camera
from cellsim.line import Line


def test_it_keeps_the_contract_of_a_camera(tmp_path):
    """Against the line as `cellctl sim` runs it, and against a port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        gone = server.getsockname()[1]
    with Line("quiet", tmp_path, plc_port=0, camera_port=0) as line:
        check_camera(find_camera("sim-camera"), {"port": line.camera_port}, unreachable={"port": gone})
