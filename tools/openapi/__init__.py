"""docs/openapi.json: made from the handlers, the models and the problems, plus descriptions."""
