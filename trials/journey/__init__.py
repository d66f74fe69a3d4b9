"""A person's journey through Till, over HTTP: from signing up to a paid purchase."""
