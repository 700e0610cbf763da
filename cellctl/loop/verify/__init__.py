"""One correction from its proposal to its verdict, its release and its proof."""
