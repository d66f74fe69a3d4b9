"""The bodies, queries and headers of requests, and the bodies of answers, by subject."""
