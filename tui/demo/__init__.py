"""The demonstration: the guides' own examples, played by real programs on this machine."""
