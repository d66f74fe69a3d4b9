"""A journey through Till, over HTTP: a shopper, the merchant's staff and support, and a program."""
