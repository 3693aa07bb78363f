"""What a request carries in its body, made safe to look at. Knows JSON, no register."""

from flask import abort, request


def json_object() -> dict | None:
    """The JSON object of the request; None for anything else, however deep or odd it is."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        return None
    return body if isinstance(body, dict) else None


def json_body() -> dict:
    """The JSON object of the request, else the answer is 400."""
    body = json_object()
    if body is None:
        abort(400)
    return body


def word(body: dict, name: str, most: int = 200) -> str:
    """A short text of the body; "" where there is none or it is of another kind."""
    value = body.get(name)
    return value.replace("\x00", "").strip()[:most] if isinstance(value, str) else ""
