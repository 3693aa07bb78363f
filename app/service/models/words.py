"""The words by which a call is understood (hands.md J1), as rows that staff edit. What they make of a text: rules."""

from flask_babel import lazy_gettext as _l
from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped

from app.core.columns import column
from app.core.models import Register
from app.service.models import lists, parts


class GuessWord(Register):
    """A word and what it says of a call. One that says nothing is a place and hides the words inside it."""

    of_project = False
    number_pattern = "CI{seq:04d}"
    natural_key = ("word",)
    title_path = ("word",)

    word: Mapped[str] = column(
        _l("Word"),
        String(40),
        search=True,
        synonyms=("词", "关键词"),
        help=_l(
            "Parts joined by + count where all of them stand in the text; with ? at its end it is a thing, which "
            "counts where no other word does"
        ),
    )
    category: Mapped[str | None] = column(
        _l("Category"), String(20), choices=lists.CATEGORY, index=True, synonyms=("类别",)
    )
    department_id: Mapped[int | None] = parts.department(
        help=_l("That of the category, where none is entered")
    )
    kind: Mapped[str | None] = column(
        _l("Kind of call"), String(20), choices=lists.LOG_KIND, synonyms=("沟通类型",)
    )
    urgency: Mapped[str | None] = column(
        _l("Urgency proposed"), String(20), choices=lists.URGENCY, synonyms=("紧急程度",)
    )
    uses: Mapped[int] = column(
        _l("Times guessed"), Integer, low=0, default=0, server_default="0", synonyms=("使用次数",)
    )
    corrected: Mapped[int] = column(
        _l("Times corrected"),
        Integer,
        low=0,
        default=0,
        server_default="0",
        synonyms=("更正次数",),
        help=_l("More than 30 % of at least 10 guesses: the word stops guessing, until these are set to 0"),
    )

    @staticmethod
    def problems(whole, record):
        if (whole.get("corrected") or 0) > (whole.get("uses") or 0):
            yield "corrected", _l("A word is not corrected more often than it guessed.")
