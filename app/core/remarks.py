"""What is told of a record just saved although nothing speaks against it: by form, quick edit and API alike.

Knows no register: one that has something to tell says so by `remarks_on(names)`.
"""

from app.core import operations


def save(record, values: dict) -> list[str]:
    """Save values through the one writer; returns the register's own sentences about those that changed.

    Call inside `writing()`. Raises Refused as `operations.save` does.
    """
    changed = [
        name
        for name, value in values.items()
        if record.id is None or not operations.same(getattr(record, name), value)
    ]
    operations.save(record, values)
    tell = getattr(record, "remarks_on", None)
    return [str(each) for each in tell(changed)] if tell is not None and changed else []
