"""Links with credits over ZeroMQ, and the frame pool in shared memory."""
