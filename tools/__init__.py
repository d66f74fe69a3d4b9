"""Commands for people and CI to run against any stage."""
