"""The camera without processes: framing, the grid of blocks, the scene, one acquisition."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cellctl.errors import PlantError
from cellctl.model.web import Side
from cellsim.camera import CameraFault, CameraFaults, Scene, protocol
from cellsim.camera.stream import AHEAD, QUEUE, Stream, View
from cellsim.clock import LineClock, block_end_um, block_first_row
from cellsim.render import WebObject, WebRenderer

RENDERER = WebRenderer(2)
BLOCK_NS = 25_600_000


def test_greeting_has_the_documented_bytes() -> None:
    """512 × 2048, 50 µm × 300 µm, little-endian behind `CSG1`."""
    assert protocol.Greeting(512, 2048, 50, 300).pack() == bytes.fromhex("43534731 00020000 00080000 32000000 2c010000")


def test_frame_header_has_the_documented_bytes() -> None:
    """All fields of a frame header are where the module's description says."""
    buffer = bytearray(protocol.FRAME_BYTES)
    protocol.FrameHeader(2, 3, 6, 1, 2, 3, 4).pack_into(buffer)
    assert bytes(buffer) == b"CSF1" + struct.pack("<III", 2, 3, 6) + struct.pack("<QQQQ", 1, 2, 3, 4)


def test_frame_header_survives_the_round_trip() -> None:
    """What is packed is parsed."""
    buffer = bytearray(protocol.FRAME_BYTES)
    header = protocol.FrameHeader(512, 2048, 512 * 2048, 7, 8, 9, 10)
    header.pack_into(buffer)
    assert protocol.parse_frame(buffer) == header


@given(st.binary(min_size=protocol.FRAME_BYTES, max_size=protocol.FRAME_BYTES))
def test_garbage_is_refused_with_a_code(data: bytes) -> None:
    """Bytes that do not begin as a frame does are refused, whatever they are."""
    with pytest.raises(PlantError, match="CELL-2204"):
        protocol.parse_frame(b"?" + data[1:])


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**16), st.integers(0, 2**16))
def test_sizes_that_disagree_are_refused(payload: int, rows: int, columns: int) -> None:
    """A payload that is not rows × columns is refused before a byte of it is read."""
    assume(payload != rows * columns)
    buffer = bytearray(protocol.FRAME_BYTES)
    protocol.FrameHeader(rows, columns, payload, 0, 0, 0, 0).pack_into(buffer)
    with pytest.raises(PlantError, match="CELL-2204"):
        protocol.parse_frame(buffer)


def test_stop_request_carries_the_last_frame() -> None:
    """A stop is recognised with its frame id; other bytes are none."""
    assert protocol.parse_stop(protocol.pack_stop(41)) == 41
    assert protocol.parse_stop(protocol.pack_stop(-1)) == -1
    assert protocol.parse_stop(b"X" * protocol.STOP_BYTES) is None


def test_blocks_lie_on_a_fixed_grid_of_the_encoder() -> None:
    """At 1 m/s a block lasts 25.6 ms; its first line sees the material 1500 mm before the encoder."""
    clock = LineClock(1000, 1_000_000)
    assert clock.next_block(1000) == 0
    assert clock.next_block(1001 + 1000) == 1
    assert clock.last_line_ns(3) - clock.last_line_ns(2) == BLOCK_NS
    assert clock.last_line_ns(0) - clock.first_line_ns(0) == 511 * 50_000
    assert block_end_um(0) == 25_600
    assert block_first_row(0) == -30_000


def test_slower_web_takes_longer_per_block() -> None:
    """Lines are triggered by the encoder: at 0.5 m/s a block lasts 51.2 ms."""
    clock = LineClock(0, 500_000)
    assert clock.last_line_ns(1) - clock.last_line_ns(0) == 2 * BLOCK_NS


def spur(from_mm: float) -> WebObject:
    return WebObject("coat_edge_spur", Side.LEFT, from_mm, 6.0, 5.7, 3.0, 5)


def test_scene_forgets_what_has_passed() -> None:
    """An object is shown in every block that it touches and in none behind it."""
    scene = Scene()
    scene.add(spur(23.0))
    assert scene.over(0) == scene.over(512) == [spur(23.0)]
    assert scene.over(1024) == scene.over(0) == []


def test_scene_knows_only_what_was_reported() -> None:
    """A block can be rendered only when everything up to its end and a margin has been coated."""
    scene = Scene()
    scene.coated_mm = 60.0
    assert not scene.knows(0)
    scene.coated_mm = 66.0
    assert scene.knows(0)
    assert not scene.knows(512)


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A connected pair: the camera's end (non-blocking) and the client's."""
    camera, client = socket.socketpair()
    camera.setblocking(False)
    client.settimeout(5.0)
    with camera, client:
        yield camera, client


def stream_on(camera: socket.socket, *faults: CameraFault) -> Stream:
    """A stream whose web starts with it and whose scene is complete and empty."""
    scene = Scene()
    scene.coated_mm = 1e9
    view = View(LineClock(0, 1_000_000), scene, RENDERER, CameraFaults(faults))
    return Stream(camera, view, now_ns=0)


def release(stream: Stream, blocks: int) -> None:
    """Let time pass until so many blocks are handed over."""
    for _ in range(blocks):
        stream.prepare()
        stream.release(stream.due_ns())


def receive(client: socket.socket, stream: Stream, frames: int) -> list[tuple[protocol.FrameHeader, np.ndarray]]:
    """Read whole frames while the stream sends."""
    found = []
    client.setblocking(False)
    data = bytearray()
    size = protocol.FRAME_BYTES + 512 * 2048
    while len(data) < frames * size:
        stream.pump()
        data += client.recv(1 << 20)
    for number in range(frames):
        frame = data[number * size : (number + 1) * size]
        header = protocol.parse_frame(frame[: protocol.FRAME_BYTES])
        found.append((header, np.frombuffer(bytes(frame[protocol.FRAME_BYTES :]), dtype=np.uint8)))
    return found


def test_first_whole_block_is_frame_zero(pair: tuple[socket.socket, socket.socket]) -> None:
    """Frame ids count from 0 at the first block that begins after the connection; stamps follow the grid."""
    stream = stream_on(pair[0])
    release(stream, 3)
    headers = [header for header, _ in receive(pair[1], stream, 3)]
    assert [header.frame_id for header in headers] == [0, 1, 2]
    assert headers[1].last_line_ns - headers[0].last_line_ns == BLOCK_NS
    assert headers[0].encoder_um == block_end_um(stream.stats.first_block)
    assert stream.stats.to_json()["produced"] == stream.stats.sent == 3


def test_slow_client_loses_frames_with_a_count(pair: tuple[socket.socket, socket.socket]) -> None:
    """Behind a full queue every further block is dropped, and its id is kept: nothing is lost silently."""
    stream = stream_on(pair[0])
    release(stream, QUEUE + 3)
    assert stream.stats.dropped == [QUEUE, QUEUE + 1, QUEUE + 2]
    assert stream.stats.produced == QUEUE + 3


def test_punctual_hand_over_is_not_late(pair: tuple[socket.socket, socket.socket]) -> None:
    """Late is a hand-over more than 5 ms after the last line; 4 ms are not, 6 ms are."""
    stream = stream_on(pair[0])
    for delay_ns in (4_000_000, 6_000_000):
        stream.prepare()
        stream.release(stream.due_ns() + delay_ns)
    assert stream.stats.late == 1
    assert stream.stats.max_late_ms == pytest.approx(6.0)


def test_blocks_are_rendered_ahead_up_to_a_bound(pair: tuple[socket.socket, socket.socket]) -> None:
    """The camera prepares a few blocks before they are due and no more; none is handed over early."""
    stream = stream_on(pair[0])
    assert [stream.prepare() for _ in range(AHEAD + 1)] == [True] * AHEAD + [False]
    stream.release(stream.due_ns() - 1)
    assert stream.stats.produced == 0


def test_block_waits_for_the_plant(pair: tuple[socket.socket, socket.socket]) -> None:
    """What the plant has not reported yet is not rendered."""
    stream = stream_on(pair[0])
    stream._scene.coated_mm = -5000.0
    assert not stream.prepare()


def test_silent_camera_withholds_and_counts(pair: tuple[socket.socket, socket.socket]) -> None:
    """During a scripted silence frames are exposed but not sent; the next one shows the gap in its id."""
    stream = stream_on(pair[0], CameraFault("silent", 0.0, 0.06))
    release(stream, 4)
    assert stream.stats.withheld == [0, 1]
    assert [header.frame_id for header, _ in receive(pair[1], stream, 2)] == [2, 3]


def test_frozen_camera_repeats_its_pixels(pair: tuple[socket.socket, socket.socket]) -> None:
    """Frozen frames are identical in pixels and advance in id and time."""
    stream = stream_on(pair[0], CameraFault("frozen", 0.0, 60.0))
    release(stream, 2)
    (one, first), (other, second) = receive(pair[1], stream, 2)
    assert np.array_equal(first, second)
    assert other.last_line_ns > one.last_line_ns


def test_healthy_camera_never_repeats_its_pixels(pair: tuple[socket.socket, socket.socket]) -> None:
    """The negative control: without the fault two frames differ."""
    stream = stream_on(pair[0])
    release(stream, 2)
    (_, first), (_, second) = receive(pair[1], stream, 2)
    assert not np.array_equal(first, second)


def test_dark_camera_sees_nothing(pair: tuple[socket.socket, socket.socket]) -> None:
    """With the lamp out all grey values are near zero; without the fault they are not."""
    stream = stream_on(pair[0], CameraFault("dark", 0.0, 0.03))
    release(stream, 4)
    frames = receive(pair[1], stream, 4)
    assert frames[0][1].max() < 8
    assert frames[-1][1].mean() > 40


def test_frames_behind_the_last_received_are_flushed(pair: tuple[socket.socket, socket.socket]) -> None:
    """At a stop, frames in flight count as flushed, as when a real acquisition is stopped."""
    stream = stream_on(pair[0])
    release(stream, 5)
    stream.stats.last_received = 2
    figures = stream.stats.to_json()
    assert (figures["produced"], figures["flushed"]) == (3, 2)
