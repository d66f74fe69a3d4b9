"""Upload a build of the web app to the place from which its stage serves it."""
