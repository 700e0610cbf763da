"""What acts on what, and whether a loop may act now: influence matrix, arbitration, conditions."""
