"""What a request carries in its body, made safe to look at. Knows JSON, no register."""

from flask import abort, request


def json_body() -> dict:
    """The JSON object of the request; 400 for anything else, however deep or odd it is."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        body = None
    if not isinstance(body, dict):
        abort(400)
    return body


def word(body: dict, name: str, most: int = 200) -> str:
    """A short text of the body; "" where there is none or it is of another kind."""
    value = body.get(name)
    return value.replace("\x00", "").strip()[:most] if isinstance(value, str) else ""
