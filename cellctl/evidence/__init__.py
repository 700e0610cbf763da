"""Evidence: hash-chained ledger and image store."""
