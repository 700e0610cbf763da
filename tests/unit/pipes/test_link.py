"""Links keep order and bounds, and every drop is counted under its policy's name."""

import pytest
import zmq
from hypothesis import given, settings
from hypothesis import strategies as st

from cellctl.errors import PluginError
from cellctl.pipes import LinkSpec, Policy, ReceivingLink, SendingLink

DEPTH = 4


class Pair:
    """Both ends of one link over ipc, in one thread."""

    def __init__(self, folder, policy, depth=DEPTH):
        self.context = zmq.Context()
        self.dropped = []
        spec = LinkSpec("a", "out", "b", "in", "m:M", policy, depth, 0.0, -1, f"ipc://{folder}/link.ipc")
        self.receiver = ReceivingLink(spec, self.context)
        self.sender = SendingLink(spec, self.context, on_drop=self.dropped.append)

    def settle(self):
        """Let credits and messages that are on their way arrive."""
        self.sender.socket.poll(20)
        self.sender.pump()

    def take(self):
        if not self.receiver.socket.poll(20):
            return None
        payload = self.receiver.receive()
        if payload is not None:
            self.receiver.consumed()
        return payload

    def close(self):
        self.sender.close()
        self.receiver.close()
        self.context.destroy(linger=0)


@pytest.fixture
def pair(tmp_path, request):
    pair = Pair(tmp_path, request.param)
    yield pair
    pair.close()


@pytest.mark.parametrize("pair", [Policy.BLOCK], indirect=True)
def test_block_never_has_more_than_depth_in_flight(pair):
    """Beyond the credit, messages wait at the sender and the host is told not to dispatch."""
    for number in range(10):
        pair.sender.offer(bytes([number]))
    assert pair.sender.sent == DEPTH
    assert pair.sender.backlog == 10 - DEPTH
    assert not pair.sender.ready


@pytest.mark.parametrize("pair", [Policy.DROP_OLDEST], indirect=True)
def test_drop_oldest_keeps_the_newest_and_counts(pair):
    """Ten sent without a reader: four in flight, four kept, the two in between dropped by token."""
    for number in range(10):
        pair.sender.offer(bytes([number]), token=number)
    assert pair.sender.dropped == 2
    assert pair.dropped == [4, 5]


@pytest.mark.parametrize("pair", [Policy.LATEST], indirect=True)
def test_latest_delivers_at_most_one_superseded_message(pair):
    """One was in flight when the newest came; nothing else old is ever seen."""
    for number in range(10):
        pair.sender.offer(bytes([number]))
    seen = [pair.take()]
    pair.settle()
    seen.append(pair.take())
    assert seen == [b"\x00", b"\x09"]
    assert pair.sender.dropped == 8


@pytest.mark.parametrize("pair", [Policy.FAIL], indirect=True)
def test_fail_is_an_error_of_the_sender(pair):
    """One more than in flight plus kept raises."""
    for _ in range(2 * DEPTH):
        pair.sender.offer(b"x")
    with pytest.raises(PluginError, match="CELL-3010"):
        pair.sender.offer(b"x")


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["send", "take"]), max_size=60))
def test_block_loses_nothing_and_keeps_order(tmp_path_factory, steps):
    """Whatever the interleaving, everything sent arrives once, in order, and the counts add up."""
    pair = Pair(tmp_path_factory.mktemp("l"), Policy.BLOCK)
    try:
        sent, seen = 0, []
        for step in steps:
            if step == "send":
                pair.sender.offer(sent.to_bytes(2, "little"))
                sent += 1
            else:
                seen.append(pair.take())
                pair.settle()
        while sum(payload is not None for payload in seen) < sent:
            seen.append(pair.take())
            pair.settle()
        order = [int.from_bytes(payload, "little") for payload in seen if payload is not None]
        assert order == list(range(sent))
        assert pair.sender.sent == pair.receiver.received == sent
    finally:
        pair.close()
