"""Figures of the product as ratios to a raw pipeline measured in the same run."""
