"""Commands that a person or CI runs by hand, against any stage."""
