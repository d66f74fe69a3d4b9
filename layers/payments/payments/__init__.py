"""Till: payments with Stripe Payment Intents, one use case per step."""
