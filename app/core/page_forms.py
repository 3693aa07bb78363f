"""The forms of a page as a browser would post them: names and values, read from its HTML. Knows no register."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

UNPOSTED = ("submit", "button", "image", "reset", "file")


@dataclass
class PageForm:
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    required: set[str] = field(default_factory=set)

    def filled(self, **typed) -> list[tuple[str, str]]:
        """Its fields with these typed in, in the form's order; a field that it has not is added."""
        kept = [(name, typed.get(name, value)) for name, value in self.fields]
        return kept + [
            (name, value) for name, value in typed.items() if name not in {each for each, _value in kept}
        ]


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms: list[PageForm] = []
        self.present: PageForm | None = None
        self.name = ""  # of the textarea or select that is open
        self.text: str | None = None
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag, attrs):
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.present = PageForm(told.get("action", ""))
            self.forms.append(self.present)
        elif self.present is None or "disabled" in told:
            return
        elif tag == "input":
            self._input(told)
        elif tag in ("textarea", "select"):
            self.name, self.text, self.options = told.get("name", ""), "" if tag == "textarea" else None, []
            self._need(told)
        elif tag == "option":
            self.options.append((told.get("value", ""), "selected" in told))

    def _input(self, told):
        kind, name = told.get("type", "text"), told.get("name")
        if not name or kind in UNPOSTED or (kind in ("checkbox", "radio") and "checked" not in told):
            return
        self._need(told)
        self.present.fields.append((name, told.get("value", "on" if kind == "checkbox" else "")))

    def _need(self, told):
        if "required" in told:
            self.present.required.add(told.get("name", ""))

    def handle_data(self, text):
        if self.text is not None:
            self.text += text

    def handle_endtag(self, tag):
        if tag == "form":
            self.present = None
        elif tag == "textarea" and self.name and self.present is not None:
            self.present.fields.append((self.name, self.text.removeprefix("\n")))
        elif tag == "select" and self.name and self.present is not None:
            chosen = [value for value, selected in self.options if selected] or [self.options[0][0]] * bool(
                self.options
            )
            self.present.fields += [(self.name, value) for value in chosen]
        if tag in ("textarea", "select"):
            self.name, self.text = "", None


def forms_of(page: str) -> list[PageForm]:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.forms


def form_at(page: str, path: str) -> PageForm:
    """The form that posts to a path; raises LookupError where the page has none."""
    found = [form for form in forms_of(page) if form.action.split("?")[0] == path]
    if not found:
        raise LookupError(f"no form posts to {path}")
    return max(found, key=lambda form: len(form.fields))
