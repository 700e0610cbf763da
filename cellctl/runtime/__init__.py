"""Hosts and supervision: the processes of a running cell."""
