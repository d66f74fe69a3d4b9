"""How fast reconciliation works off what was left open."""
