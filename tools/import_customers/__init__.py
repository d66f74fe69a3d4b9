"""Make people's existing Stripe customers theirs, by verified email address."""
