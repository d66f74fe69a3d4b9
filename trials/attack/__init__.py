"""Card testers at work beside honest shoppers: how far they get, and who is still served."""
