"""Many people and a merchant at once, with everything going wrong, and then a full audit."""
