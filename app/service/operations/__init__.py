"""What staff do with calls, complaints and orders, whatever the door: the interface that pages and jobs call.

Each writes inside `writing()`, by core's `save` and `move`, and is whole or not at all.
"""

from app.service.operations import following  # noqa: F401 -- what follows from a save is hung on the models there
