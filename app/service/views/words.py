"""The words that calls are understood by on screen: edited like any register, those that stopped guessing asked for."""

from flask_babel import lazy_gettext as _l

from app.core import registry
from app.core.registry import Question
from app.core.views import RegisterView
from app.service.models import GuessWord
from app.service.operations import words
from app.service.rules import guessing


class GuessWordView(RegisterView):
    model, title, icon = GuessWord, _l("Words of calls"), "chat-square-quote"
    columns = ["word", "category", "department_id", "kind", "urgency", "uses", "corrected"]
    quick_edit = ["category", "kind", "urgency", "uses", "corrected"]
    strip = ["category", "department_id", "uses", "corrected"]
    default_sort = [("id", True)]


def _stopped():
    word = GuessWord
    return (word.uses >= guessing.FEWEST_USES) & (word.corrected * 100 > word.uses * guessing.MISSED_PERCENT)


registry.add_question("guess_word", Question("stopped", _l("Words that stopped guessing"), _stopped))
registry.add_first_rows("guess_word", words.write_first)
