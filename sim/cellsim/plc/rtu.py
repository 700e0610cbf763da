"""Modbus RTU frames: unit, protocol data unit, checksum (serial line guide 1.02, 2.5.1)."""

from __future__ import annotations

_POLYNOMIAL = 0xA001
_SHORTEST = 4
_LARGEST = 256
_FIXED = dict.fromkeys((1, 2, 3, 4, 5, 6), 8) | {7: 4, 22: 10}
"""Function code → bytes of its request."""
_COUNTED = {15: 6, 16: 6, 23: 10}
"""Function code → where its request says how many bytes follow."""


def crc(data: bytes) -> bytes:
    """The checksum in the order in which it is sent, low byte first."""
    value = 0xFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ _POLYNOMIAL if value & 1 else value >> 1
    return value.to_bytes(2, "little")


def wrapped(unit: int, pdu: bytes) -> bytes:
    """The frame that carries a protocol data unit."""
    body = bytes([unit]) + pdu
    return body + crc(body)


class RequestFramer:
    """Cuts requests out of what arrives; one with a wrong checksum or of unknown length is dropped with the rest."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """(unit, protocol data unit) of every request that is complete now."""
        self._buffer += data
        requests = []
        while size := self._size():
            frame, self._buffer = self._buffer[:size], self._buffer[size:]
            if frame[-2:] == crc(frame[:-2]):
                requests.append((frame[0], frame[1:-2]))
            else:
                self.reset()
        return requests

    def reset(self) -> None:
        """The line was silent: what is here will not become a frame any more."""
        self._buffer = b""

    def _size(self) -> int:
        """Bytes of the request at the head of the buffer; 0 while it is not complete."""
        if len(self._buffer) < _SHORTEST:
            return 0
        function = self._buffer[1]
        place = _COUNTED.get(function)
        if place is not None and len(self._buffer) <= place:
            return 0
        size = _FIXED.get(function, 0) if place is None else place + 1 + self._buffer[place] + 2
        if not 0 < size <= _LARGEST:
            self.reset()
            return 0
        return size if len(self._buffer) >= size else 0
