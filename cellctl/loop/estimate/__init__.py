"""What the cameras say of a rate: counting, change detection, the honest baseline."""
