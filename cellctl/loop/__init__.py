"""Deciding: defect rate, cause, bounded move, and the test that proves it helped."""
