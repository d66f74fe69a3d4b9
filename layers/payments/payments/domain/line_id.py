"""What tells a line of a payment's history apart, in the ids of events.

It is made of the Stripe object that the line is about, and of the object's status. So whoever makes
a lost history again from Stripe comes to the same ids, whatever else the history had.
"""

# These say one thing of a refund: whether the rest had been given back before it was noticed.
_GIVEN_BACK = frozenset({"partially_refunded", "refunded"})


def line_id(object_id: str | None, status: str) -> str:
    """The id of a line that can be told of this object only once; empty without an object."""
    if not object_id:
        return ""
    return f"{object_id}-{'refund_succeeded' if status in _GIVEN_BACK else status}"


def line_id_at(status: str, at: str) -> str:
    """The id of a line that Stripe has no object for, or that may come again: with its time."""
    return f"{status}-{''.join(each for each in at if each.isdigit())}"
