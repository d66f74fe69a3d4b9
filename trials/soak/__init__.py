"""Many people and a merchant at once, while everything goes wrong; then a full audit."""
