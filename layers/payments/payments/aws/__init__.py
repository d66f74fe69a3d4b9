"""AWS beside the tables: the client that all share, user pool, secret, event bus."""
