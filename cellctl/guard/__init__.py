"""The guard: nothing reaches a controller register except through it."""
