"""Compiled kernels; only `cellctl.kernels` imports them."""
