"""One posting of a form makes one record: the token of each drawing, and what is told to its second posting (F6).

Part of RegisterView; joins the transaction of the save.
"""

import hashlib

from flask import request
from flask_babel import gettext as _
from sqlalchemy import select, text

from app.core.actor import actor
from app.core.models import FormToken
from app.core.refusal import Refused
from app.core.times import now
from app.extensions import db


class UsedToken(Refused):
    """A form that made a record before and comes again with other words in it."""


class FormTokens:
    """The tokens of the forms of a register."""

    def _made_before(self, token):
        """The record that this form made; refused where it was changed since, so that no typed word is dropped."""
        known = select(FormToken.record_id, FormToken.digest).where(
            FormToken.token == token,
            FormToken.user_id == actor().user_id,
            FormToken.register == self.resource,
        )
        made = db.session.execute(known).first()
        if made is None or made.digest != self._digest():
            raise UsedToken(
                _("This form was saved before. Press Save again to record what stands here as a new one.")
            )
        return made.record_id

    @staticmethod
    def _digest() -> str:
        """What was typed, without what each drawing of the form has of its own."""
        own = ("csrf_token", "form_token", "then")
        typed = sorted((name, value) for name, value in request.form.items(multi=True) if name not in own)
        return hashlib.sha256(repr(typed).encode()).hexdigest()

    def _claim(self, token) -> bool:
        statement = text(
            "INSERT INTO form_token (token, user_id, register, digest, moment) "
            "VALUES (:token, :user, :register, :digest, :moment) ON CONFLICT (token) DO NOTHING"
        ).bindparams(
            digest=self._digest(),
            token=token,
            user=actor().user_id,
            register=self.resource,
            moment=now().replace(tzinfo=None),
        )
        return db.session.execute(statement).rowcount == 1
