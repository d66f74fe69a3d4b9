"""How the property tests run: the same examples each time, and nothing is stored."""

import hypothesis

same_examples = hypothesis.settings(
    derandomize=True, database=None, deadline=None, max_examples=150
)
