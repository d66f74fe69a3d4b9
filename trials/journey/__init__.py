"""A person's way through Till, over HTTP: from signing up to a paid purchase."""
