"""What an order costs when everything on it is filled in: list, page, form and save keep to their statements (L7)."""

import pytest

from app.core.actor import acting, system_actor
from app.core.operations import save, writing
from app.core.registry import fields_of
from app.service import operations as service
from app.service.models import DispatchOrder
from tests import samples
from tests.test_every_register import FORM_BUDGET, LIST_BUDGET, SAVE_BUDGET, counted, form_of


@pytest.fixture
def filled(app):
    """A project and an order of it that names everything an order can name, its call and complaint too."""
    with app.app_context():
        place = samples.project()
        from app.core.registry import model_of

        given = {
            f"{name}_id": samples.make(model_of(name), place)
            for name in ("unit", "customer", "contact", "department")
        }
        person = samples.make(model_of("staff_member"), place)
        with acting(system_actor(place)), writing("command"):
            taken = service.take(
                given | {"content": "满单", "first_responder_id": person, "assignee_id": person},
                complaint=True,
                order=True,
            )
            party = samples._made(model_of("department"), place, {"kind": "outside"})
            save(taken.order, {"outside_party_id": party.id, "sender_id": person})
            return place, taken.order.id


def test_a_filled_order_is_listed_shown_edited_and_saved_within_the_budget(filled, database, app, client_for):
    place, order = filled
    client = client_for("Manager", projects=[place])
    client.get("/dispatch_order/list/")
    client.token()

    with counted(app) as listed:
        assert client.get("/dispatch_order/list/").status_code == 200
    with counted(app) as shown:
        assert client.get(f"/dispatch_order/show/{order}").status_code == 200
    with counted(app) as drawn:
        form = form_of(client, f"/dispatch_order/edit/{order}")
    with counted(app) as saved:
        answer = client.post(f"/dispatch_order/edit/{order}", data=form | {"remarks": "改"})

    references = sum(known.kind == "reference" for known in fields_of(DispatchOrder).values())
    assert answer.status_code == 302
    assert len(listed) <= LIST_BUDGET, "\n".join(listed)
    assert len(shown) <= FORM_BUDGET, "\n".join(shown)
    assert len(drawn) <= FORM_BUDGET, "\n".join(drawn)
    assert len(saved) <= SAVE_BUDGET + references, "\n".join(saved)
