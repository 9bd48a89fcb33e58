"""What the values of keys follow from that a recipe leaves at ``auto``."""
