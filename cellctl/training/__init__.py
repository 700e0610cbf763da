"""Making classifiers from labelled images; the extra `train` has what it needs, and no running cell ever loads it."""
