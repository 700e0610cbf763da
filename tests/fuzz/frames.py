"""Sound Modbus frames, and what becomes of them on a bad day: bits flipped, cut, spliced, with lengths that lie."""

from __future__ import annotations

from random import Random

REQUESTS = tuple(bytes.fromhex(it) for it in (
    "0100130013", "0200c40016", "03006b0003", "0400080001", "0500acff00", "0600010003", "07", "080000a537", "0b", "0c",
    "0f0013000a02cd01", "1000010002040a0102", "11", "140e0600040001000206000300090002",
    "150d0600040007000306af04be100d", "16000400f20025", "1700030006000e00030600ff00ff00ff", "1804de", "2b0e0100",
))  # fmt: skip
"""Data units of requests: the examples of the Modbus application protocol 1.1b3, 6.1 to 6.21."""
ANSWERS = tuple(bytes.fromhex(it) for it in (
    "0103cd6b05", "0203acdb35", "0306022b00000064", "0402000a", "0500acff00", "0600010003", "076d", "080000a537",
    "0bffff0108", "0c080000010801212000", "0f0013000a", "1000010002", "110211ff",
    "140c05060dfe0020050633cd0040", "150d0600040007000306af04be100d", "16000400f20025", "170c00fe0acd00010003000d00ff",
    "180006000201b81284", "2b0e01010000010001", "8102", "830b", "90ff", "8300",
))  # fmt: skip
"""Data units of answers, exceptions among them."""
EDGES = (0, 1, 2, 3, 4, 6, 7, 0x7F, 0x80, 0x81, 0xFA, 0xFB, 0xFC, 0xFD, 0xFE, 0xFF)
MOST = 600
"""Bytes of one input: a little over two frames."""


def tcp_frame(transaction: int, unit: int, pdu: bytes) -> bytes:
    """A data unit with its header (Modbus messaging on TCP/IP 1.0b, 3.1.3)."""
    return transaction.to_bytes(2, "big") + b"\0\0" + (len(pdu) + 1).to_bytes(2, "big") + bytes((unit,)) + pdu


def rtu_frame(unit: int, pdu: bytes) -> bytes:
    """A data unit on a serial line (Modbus over serial line 1.02, 6.2.2)."""
    body = bytes((unit,)) + pdu
    return body + _crc(body)


def _crc(body: bytes) -> bytes:
    crc = 0xFFFF
    for byte in body:
        crc = crc >> 8 ^ _OF_BYTE[(crc ^ byte) & 0xFF]
    return crc.to_bytes(2, "little")


def _of_byte(crc: int) -> int:
    for _ in range(8):
        crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


_OF_BYTE = tuple(map(_of_byte, range(256)))


def spoilt(random: Random, frame: bytes, other: bytes) -> bytes:
    """The frame after one to four accidents, or as it was now and then."""
    data = bytearray(frame)
    for _ in range(random.choice((0, 1, 1, 1, 2, 4))):
        at = random.randrange(len(data) + 1)
        action = random.randrange(8)
        if action == 0 and at < len(data):
            data[at] ^= 1 << random.randrange(8)
        elif action == 1 and at < len(data):
            data[at] = random.choice(EDGES)
        elif action == 2:
            del data[at:]
        elif action == 3:
            del data[at : at + random.choice((1, 2, 6))]
        elif action == 4:
            data[at:at] = random.randbytes(random.choice((1, 2, 7, 130)))
        elif action == 5:
            data[at:] = other[random.randrange(len(other) + 1) :]
        elif action == 6 and len(data) > 5:
            data[4:6] = random.choice((0, 1, 2, 3, 253, 254, 255, 256, 0x7FFF, 0xFFFF)).to_bytes(2, "big")
        else:
            data += frame
    return bytes(data[:MOST])


def in_pieces(random: Random, data: bytes) -> list[bytes]:
    """As TCP may deliver it: whole, in two, or byte by byte."""
    if len(data) < 2 or random.random() < 0.5:
        return [data]
    if random.random() < 0.1:
        return [data[at : at + 1] for at in range(len(data))]
    at = random.randrange(1, len(data))
    return [data[:at], data[at:]]
