"""What a write changes in a row: only what differs, so that a newer version's members stay."""

from collections.abc import Iterator, Mapping

from payments.repositories.dynamodb import Item

type Path = tuple[str | int, ...]


def differences(was: Item, is_now: Item) -> Iterator[tuple[Path, object]]:
    """What to write, by its path in the row.

    In a list of parts (history, refunds, disputes), only the members that differ are written: what
    a newer version has added to the parts stays, and so do its attributes.
    """
    for name, value in is_now.items():
        before = was[name]
        if value == before:
            continue
        if not (before and isinstance(value, tuple)):
            yield (name,), value
            continue
        for index, part in enumerate(value):
            if index >= len(before) or _id_of(part) != _id_of(before[index]):
                yield (name, index), part
            else:
                for member, content in part.items():
                    if content != before[index][member]:
                        yield (name, index, member), content
        for index in range(len(value), len(before)):
            yield (name, index), None


def _id_of(part: Item) -> object:
    """Tells parts of a list apart: the id of a refund or dispute, the time of a line."""
    return next(iter(part.values()))


def update_of(changes: Mapping[Path, object]) -> tuple[str, dict[str, str], Item]:
    """An update expression that sets what has a value and removes what has none."""
    names = {f"#{key}": key for path in changes for key in path if isinstance(key, str)}
    to_set, to_remove, values = [], [], {}
    for path, value in changes.items():
        at = "".join(f"[{key}]" if isinstance(key, int) else f".#{key}" for key in path)[1:]
        if value is None:
            to_remove.append(at)
        else:
            placeholder = ":" + "_".join(map(str, path))
            to_set.append(f"{at} = {placeholder}")
            values[placeholder] = value
    expression = "SET " + ", ".join(to_set)
    if to_remove:
        expression += " REMOVE " + ", ".join(to_remove)
    return expression, names, values
