"""Counts what hands do at a page: actions, loads and fills, as hands.md "How to measure" counts them. No register.

A click, a drag or a key chord is 1, a filled field 1, a picker's choice 2 and so is a file (seized and dropped, or
opened and chosen). A load is a document that the main frame shows, or a dialog that opens. Waiting is not counted.
"""

import base64
import mimetypes
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PICK = 2

# CSP violations come on the console too; what a browser says of a refused save (4xx) is no error of the page
SAYS = "Failed to load resource: the server responded with a status of 4"

DIALOGS = """
for (const name of ["show", "showModal"]) {
  const open = HTMLDialogElement.prototype[name];
  HTMLDialogElement.prototype[name] = function () { window.dialogOpened(); return open.call(this); };
}
"""

DROP = """
async ({selector, name, type, content}) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name, {type}));
  const place = document.querySelector(selector);
  for (const kind of ["dragenter", "dragover", "drop"])
    place.dispatchEvent(new DragEvent(kind, {dataTransfer: carried, bubbles: true, cancelable: true}));
}
"""


@dataclass
class Count:
    """What one job cost."""

    actions: int = 0
    loads: int = 0
    fills: list[str] = field(default_factory=list)

    def __str__(self):
        return f"{self.actions} actions / {self.loads} loads, {len(self.fills)} filled"


class Hands:
    """Somebody at a page. What is done through `page` itself is not counted: looking and waiting."""

    def __init__(self, page):
        self.page, self.count, self.problems = page, Count(), []
        page.on("domcontentloaded", self._loaded)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.expose_function("dialogOpened", self._loaded)
        page.add_init_script(DIALOGS)

    def _loaded(self, *_page):
        self.count.loads += 1

    def _said(self, message):
        if message.type == "error" and not message.text.startswith(SAYS):
            self.problems.append(message.text)

    @contextmanager
    def job(self):
        """Count from naught, on the page as it stands."""
        self.page.wait_for_load_state()
        self.page.evaluate("document.readyState")  # what was told before has been heard now
        count = self.count = Count()
        try:
            yield count
        finally:
            self.count = Count()
        assert len(set(count.fills)) == len(count.fills), f"typed twice: {count.fills}"

    def click(self, target):
        self.count.actions += 1
        self._find(target).click()

    def press(self, *chords: str):
        for chord in chords:
            self.count.actions += 1
            self.page.keyboard.press(chord)

    def fill(self, target, text: str):
        """Set a field at once, as typing over what is selected does."""
        self._filled(text)
        self._find(target).fill(text)

    def pick(self, target, label: str):
        """Open a picker or drop-down and take a choice by what it says."""
        self.count.actions += PICK
        self._find(target).select_option(label=label)

    def type(self, text: str):
        """Into whatever has the focus, key by key."""
        self._filled(text)
        self.page.keyboard.type(text, delay=5)

    def drop(self, path: Path, selector: str = "main"):
        """A file from the desktop onto the page."""
        self.count.actions += PICK
        kind = mimetypes.guess_type(path.name)[0] or ""
        content = base64.b64encode(path.read_bytes()).decode()
        self.page.evaluate(DROP, {"selector": selector, "name": path.name, "type": kind, "content": content})

    def choose(self, path: Path, chord: str):
        """A key that opens the computer's own chooser, and a file in it."""
        with self.page.expect_file_chooser() as chooser:
            self.press(chord)
        self.count.actions += PICK
        chooser.value.set_files(path)

    def _filled(self, text):
        self.count.actions += 1
        self.count.fills.append(text)

    def _find(self, target):
        return self.page.locator(target) if isinstance(target, str) else target
