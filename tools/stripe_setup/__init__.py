"""Set up Stripe for a stack: its webhook, its keys, and what the account may do."""
