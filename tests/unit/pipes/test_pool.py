"""The frame pool: slots come back when every holder lets go, and damaged content is seen."""

import pytest

from cellctl.errors import EvidenceError, PluginError
from cellctl.pipes import FramePool


@pytest.fixture
def pool(tmp_path):
    pool = FramePool.create(tmp_path / "pool", slots=3, slot_bytes=64, holders=2)
    yield pool
    pool.close()


def write(pool, index, value):
    buffer = pool.buffer(index)
    buffer[:] = bytes([value]) * 64
    return pool.publish(index, 64)


def test_borrowed_pixels_are_what_was_written(pool):
    """A reader in another mapping sees the writer's bytes, read-only."""
    ref = write(pool, pool.loan(), 7)
    reader = FramePool.attach(pool.path)
    with reader.borrow(ref, 8, 8) as pixels:
        assert pixels.shape == (8, 8)
        assert (pixels == 7).all()
        assert not pixels.flags.writeable
    del pixels
    reader.close()


def test_a_slot_is_free_only_when_every_holder_has_released_it(pool):
    """Two holders, two releases."""
    slots = [pool.loan() for _ in range(3)]
    for slot in slots:
        pool.hold(slot, 0)
        pool.hold(slot, 1)
    assert pool.loan() is None
    pool.release(slots[1], 0)
    assert pool.loan() is None
    pool.release(slots[1], 1)
    assert pool.loan() == slots[1]


def test_a_dead_readers_slots_are_freed_by_clearing_its_column(pool):
    """The other holder's claims stay."""
    for holder in (0, 0, 1):
        pool.hold(pool.loan(), holder)
    pool.release_all(0)
    assert pool.free == 2


def test_a_flipped_bit_is_seen(pool):
    """CRC-32C catches content that is not what was published."""
    index = pool.loan()
    ref = write(pool, index, 7)
    pool.buffer(index)[10] ^= 1
    with pytest.raises(EvidenceError, match="CELL-4001"), pool.borrow(ref, 8, 8):
        pass


def test_a_recycled_slot_is_seen(pool):
    """The generation tells an old reference from the slot's new content."""
    index = pool.loan()
    ref = write(pool, index, 7)
    for _ in range(3):
        again = pool.loan()
        write(pool, again, 7)
    with pytest.raises(EvidenceError, match="overwritten"), pool.borrow(ref, 8, 8):
        pass


def test_something_else_is_not_taken_for_a_pool(tmp_path):
    """A wrong file is refused with a code."""
    (tmp_path / "x").write_bytes(b"\0" * 8192)
    with pytest.raises(PluginError, match="CELL-3011"):
        FramePool.attach(tmp_path / "x")
