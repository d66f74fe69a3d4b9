"""Stripe. Nothing else imports its SDK."""
