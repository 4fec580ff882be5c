"""How many cells a text takes on a terminal; the hub's own commands need it too."""

from schema.width import CUT, CUT_ASCII, clusters, cut, fit, fold, pad, width

__all__ = ["CUT", "CUT_ASCII", "clusters", "cut", "fit", "fold", "pad", "width"]
