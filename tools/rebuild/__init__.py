"""Make lost rows again, from Stripe and the user pool."""
