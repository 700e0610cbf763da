"""Laws of control, and the regulators that hold a measured characteristic with them."""
