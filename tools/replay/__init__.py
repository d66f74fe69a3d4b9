"""Replay Stripe's events on the laptop stack or a deployed stage."""
