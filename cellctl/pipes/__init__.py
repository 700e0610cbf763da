"""Links with credits over ZeroMQ, and the frame pool in shared memory."""

from cellctl.pipes.link import LinkSpec, Policy, ReceivingLink, SendingLink
from cellctl.pipes.pool import FramePool
from cellctl.pipes.ports import Delivery, FanOut, Ports, message_type, qualified_name

__all__ = [
    "Delivery",
    "FanOut",
    "FramePool",
    "LinkSpec",
    "Policy",
    "Ports",
    "ReceivingLink",
    "SendingLink",
    "message_type",
    "qualified_name",
]
