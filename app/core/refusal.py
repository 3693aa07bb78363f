"""Why something is not done, in sentences for the user. Knows no request and no database."""


class Refused(Exception):
    """A change that may not be made. ``errors`` maps a field's name ("" for the whole record) to sentences."""

    def __init__(self, errors):
        if not isinstance(errors, dict):
            errors = {"": [errors]}
        self.errors = {name: list(messages) for name, messages in errors.items() if messages}
        super().__init__("; ".join(str(message) for messages in self.errors.values() for message in messages))

    @property
    def message(self) -> str:
        """All sentences as one text."""
        return " ".join(str(message) for messages in self.errors.values() for message in messages)


class AskAgain(Refused):
    """A step that is asked twice: posting the same once more (``again=1``) does it."""


class NotFound(Exception):
    """No such row for this person: it is absent, in the bin, or another's; the answer is the same."""
