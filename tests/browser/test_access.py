"""Pages for everybody: axe finds no serious fault, light and dark; nothing is asked of another host or says an error.

One page of each kind for a few registers and the list of every register, as an administrator, in the demo.
"""

from importlib.resources import files

import pytest
from sqlalchemy import func, select

from app.core.registry import model_of
from tests.registers import ADDABLE, REGISTERS

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
LOOK = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
GRAVE = ("serious", "critical")
SAMPLED = ("customer", "dispatch_order")  # a page of tabs and masked fields, a page of steps and clocks
# one page of each kind, looked at once more in the dark where only colours differ
IN_THE_DARK = {
    "", "month/", "import/", "roles/edit/1", "roles/list/", "status/list/", "parameters/edit/session_hours", "profile/",
    "clock/list/", "dispatch_order/list/", "customer/list/", "customer/add", "customer/list/?bin=1",
    "customer/list/?q=没有这样的",
}  # fmt: skip
DARK_KINDS = ("show", "edit", "history", "delete")  # of the first sampled record
SYSTEM = (
    "users/list/", "users/add", "roles/list/", "roles/edit/1", "choices/list/", "choices/show/customer_grade",
    "parameters/list/", "parameters/edit/session_hours", "log/list/", "sign_in_log/list/", "sessions/list/",
    "status/list/", "api_docs/list/", "api_docs/show/customer", "backup/list/", "clock/list/", "jobs/", "profile/",
    "password/", "deadlines/list/", "rules/list/",
)  # fmt: skip
OTHERS = ("", "month/", "import/", "import/?register=customer")


def addresses(house) -> dict[str, bool]:
    """One page of each kind, and whether it is looked at in the dark too."""
    light = [
        *OTHERS,
        *SYSTEM,
        *(f"{name}/list/" for name in REGISTERS),
        *(f"{name}/add" for name in ADDABLE[:3]),
    ]
    found = dict.fromkeys([*light, *IN_THE_DARK], False)
    for name in SAMPLED:
        model = model_of(name)
        key = house.one(select(func.min(model.id)).where(model.deleted_at.is_(None)))[0]
        if key is None:
            continue
        for kind in ("show", "edit", "history", "delete", "print"):
            found[f"{name}/{kind}/{key}"] = kind in DARK_KINDS and name == SAMPLED[0]
        found |= dict.fromkeys((f"{name}/list/?bin=1", f"{name}/list/?q=没有这样的"), False)
    return found | dict.fromkeys(IN_THE_DARK, True)


@pytest.mark.slow
def test_no_page_shuts_anybody_out(hands_of, house):
    page = hands_of("系统管理员").page
    home = page.url
    foreign, errors, faults = [], [], []
    page.on("request", lambda asked: foreign.append(asked.url) if not asked.url.startswith(home) else None)
    page.on("pageerror", lambda error: errors.append(f"{page.url} {error}"))
    page.on(
        "console", lambda said: errors.append(f"{page.url} {said.text}") if said.type == "error" else None
    )

    for path, dark_too in addresses(house).items():
        page.goto(home + path)
        page.evaluate(AXE)
        for theme in ("light", "dark") if dark_too else ("light",):
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            faults += [f"/{path} {theme}: {told}" for fault in page.evaluate(LOOK) for told in graves(fault)]
        page.emulate_media(color_scheme="light")

    assert (faults, errors, foreign) == ([], [], [])


def graves(fault) -> list[str]:
    if fault["impact"] not in GRAVE:
        return []
    return [f"{fault['id']} {node['html'][:160]}" for node in fault["nodes"][:3]]
