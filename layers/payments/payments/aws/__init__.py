"""AWS apart from the tables: the shared client, the user pool, the secret, the event bus."""
