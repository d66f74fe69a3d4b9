"""Replaying what Stripe told, against the laptop stack or a deployed stage."""
