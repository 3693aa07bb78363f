"""What the wizard's pages post: a mapping as chosen, answers to questions. Knows forms, writes nothing."""

from app.core.actor import actor
from app.core.importing import batch as batches
from app.core.importing import vocabulary
from app.core.importing.blueprint import blueprints
from app.core.importing.mapping import SheetPlan
from app.core.models import ImportBatch
from app.core.refusal import Refused
from app.core.registry import model_of, models


def needs_mapping(batch: ImportBatch) -> bool:
    """Whether nothing of a workbook was recognised, so that the user must say what it is."""
    plans = batches.plans_of(batch)
    return not any(plan.use for plan in plans) and any(plan.why_not == "unknown" for plan in plans)


def kinds_offered() -> list[tuple[str, str]]:
    """(code, label) of what a sheet may be: a blueprint's rows, or the list of one register."""
    found = [(f"+{each.name}", str(each.label)) for each in blueprints()]
    mine = [name for name in models() if actor().can("can_import", name) and name != "project"]
    return found + sorted(((name, vocabulary.title_of(name)) for name in mine), key=lambda each: each[1])


def typed_plans(batch: ImportBatch, form) -> list[SheetPlan]:
    """The plans as chosen on the mapping page: kind-<sheet>, and <sheet>-<column> with a target or "".

    Raises Refused for a target that is not offered.
    """
    plans = batches.plans_of(batch)
    for number, plan in enumerate(plans):
        chosen = form.get(f"kind-{number}")
        if chosen is None:
            continue
        if chosen == "":
            plan.use, plan.why_not = False, plan.why_not if plan.why_not in batches.FIXED else "skipped"
            continue
        _choose(plan, chosen)
        _columns(plan, number, form)
    return plans


def _choose(plan, chosen):
    if chosen not in dict(kinds_offered()):
        raise Refused(batches.UNKNOWN_TARGET)
    blueprint, register = (chosen[1:], "") if chosen.startswith("+") else ("", chosen)
    if (blueprint, register) != (plan.blueprint, plan.register):
        plan.blueprint, plan.register, plan.kind, plan.columns = blueprint, register, "", {}
    plan.use, plan.why_not = True, ""


def _columns(plan, number, form):
    blueprint = plan.blueprint_of()
    model = model_of(plan.register) if plan.register else None
    offered = {text for text, _label in vocabulary.offered(blueprint, model)}
    kept = {text for texts in plan.columns.values() for text in texts}
    for name in form:
        sheet, _dash, index = name.partition("-")
        if sheet != str(number) or not index.isdigit():
            continue
        text = form[name]
        if not text:
            plan.columns.pop(int(index), None)
        elif text in offered or text in kept:
            if plan.columns.get(int(index), [""])[0] != text:
                plan.columns[int(index)] = [text]
                plan.by[int(index)] = "user"
        else:
            raise Refused(batches.UNKNOWN_TARGET)


def answers(form) -> dict[str, str]:
    """The answers to the dry run's questions: ask-<key> = an id or "new"."""
    return {
        name.removeprefix("ask-"): value
        for name, value in form.items()
        if name.startswith("ask-") and (value == "new" or value.isdigit())
    }
