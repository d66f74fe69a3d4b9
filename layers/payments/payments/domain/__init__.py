"""What Till is about. Knows no HTTP, no AWS and no Stripe."""
