"""Putting a build of the web app where its stage's stack serves it from."""
