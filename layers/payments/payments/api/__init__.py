"""HTTP. Nothing else knows statuses and headers."""
