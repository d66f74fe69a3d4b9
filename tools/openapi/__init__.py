"""docs/openapi.json: made from the handlers, the models and the problems, with words of its own."""
