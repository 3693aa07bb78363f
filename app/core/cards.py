"""Cards of the workbench: each domain provides its own by name; a card is shown to whom it has something to say."""

from collections.abc import Callable

_providers: dict[str, Callable] = {}
_heads: dict[str, Callable] = {}


def provide(name: str, provider: Callable):
    """Give the workbench a card: a function of the actor that returns the card's values, several of them, or None."""
    _providers[name] = provider


def cards_for(someone) -> list[dict]:
    found = []
    for provider in _providers.values():
        given = provider(someone)
        found += given if isinstance(given, list) else [given] if given is not None else []
    return found


def provide_head(name: str, provider: Callable):
    """Give the workbench what stands above its cards: values with their ``template``, or None."""
    _heads[name] = provider


def heads_for(someone) -> list[dict]:
    """What stands above the cards for this person, each with its ``template``."""
    return [found for provider in _heads.values() if (found := provider(someone)) is not None]
