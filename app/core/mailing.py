"""Sends the e-mails that notices left: the minute's work, after their commit, with retries. Knows SMTP, no notice."""

import smtplib
import ssl
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import formatdate
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select, update

from app.core import clock
from app.core.notices import Mail, mail_is_set_up
from app.core.operations import writing
from app.core.times import now
from app.extensions import db

WAITS = (1, 5, 15, 60, 240, 720)  # minutes before each further try; after the last one it has failed
AT_ONCE = 50
TIMEOUT = 20  # seconds for the server to answer


@clock.every(minutes=1, name="mails", title=_l("Send e-mails"))
def send_mails(moment: datetime | None = None) -> str:
    """Send what is due; returns in words what was done. One connection for all of them."""
    if not mail_is_set_up():
        return ""
    moment = moment or now()
    query = (
        select(Mail).where(Mail.state == "waiting", Mail.next_at <= moment).order_by(Mail.id).limit(AT_ONCE)
    )
    waiting = [_plain(mail) for mail in db.session.scalars(query)]
    db.session.rollback()  # nothing is held while a server is talked to
    if not waiting:
        return ""
    results = _deliver(waiting)
    with writing("job"):
        for mail in waiting:
            _note(mail, results.get(mail["id"], ""), moment)
    sent = sum(1 for mail in waiting if not results.get(mail["id"]))
    said, failed = _("E-mails sent: %(count)s", count=sent), len(waiting) - sent
    return said + ("; " + _("failed: %(count)s", count=failed) if failed else "")


def _plain(mail: Mail) -> dict:
    return {name: getattr(mail, name) for name in ("id", "address", "subject", "body", "tries")}


def _note(mail, error, moment):
    tries = mail["tries"] + 1
    if not error:
        values = {"state": "sent", "sent_at": moment, "error": None}
    elif tries > len(WAITS):
        values = {"state": "failed", "error": error}
    else:
        values = {"next_at": moment + timedelta(minutes=WAITS[tries - 1]), "error": error}
    statement = update(Mail).where(Mail.id == mail["id"], Mail.state == "waiting")
    db.session.execute(statement.values(tries=tries, **values).execution_options(synchronize_session=False))


def _deliver(mails) -> dict[int, str]:
    """Hand over to the server; mail id → why not, for those that it did not take."""
    results: dict[int, str] = {}
    try:
        with _connected() as server:
            for mail in mails:
                results[mail["id"]] = _send(server, mail)
    except (OSError, smtplib.SMTPException) as error:  # what the server took before it went away is sent
        results |= {mail["id"]: _said(error) for mail in mails if mail["id"] not in results}
    return results


def _connected():
    given = current_app.config
    safe, context = given["SMTP_SECURITY"], ssl.create_default_context()
    if safe == "tls":
        server = smtplib.SMTP_SSL(given["SMTP_HOST"], given["SMTP_PORT"], timeout=TIMEOUT, context=context)
    else:
        server = smtplib.SMTP(given["SMTP_HOST"], given["SMTP_PORT"], timeout=TIMEOUT)
    try:
        if safe == "starttls":
            server.starttls(context=context)
        if given["SMTP_USER"]:
            server.login(given["SMTP_USER"], given["SMTP_PASSWORD"])
    except BaseException:
        server.close()
        raise
    return server


def _send(server, mail) -> str:
    message = EmailMessage()
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "localhost"
    sender = current_app.config["SMTP_FROM"] or f"kewu@{host}"
    message["From"], message["To"], message["Subject"] = sender, mail["address"], mail["subject"]
    message["Date"] = formatdate(localtime=True)
    # the same at each try, so that a mailbox may know a second copy
    message["Message-ID"] = f"<notice-{mail['id']}@{host}>"
    message.set_content(mail["body"] or mail["subject"])
    try:
        server.send_message(message)
    except smtplib.SMTPServerDisconnected:
        raise
    except (smtplib.SMTPException, ValueError) as error:
        return _said(error)
    return ""


def _said(error) -> str:
    return f"{type(error).__name__}: {error}"[:300]
