"""The app as a server: gunicorn's threaded workers, on Windows waitress. Knows addresses and processes, no page."""

import os
import socket
import threading

from app.core import background


class Busy(Exception):
    """Something else listens on the address already."""


def refuse_busy(host: str, port: int) -> None:
    """Raises Busy before anything is loaded or forked."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if os.name != "nt":  # there it would let two servers share the port
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Busy(f"{host}:{port}: {error.strerror}") from error


def serve(app, say) -> None:
    """Serve until told to stop; ``say`` is called once the address answers."""
    if os.name == "nt":
        _waitress(app, say)
    else:
        _gunicorn(app, say)


def _waitress(app, say):
    """One process: SQLite's writers queue on a lock of its threads there."""
    import waitress

    server = waitress.create_server(
        app,
        host=app.config["HOST"] or "0.0.0.0",
        port=app.config["PORT"],
        threads=app.config["THREADS"],
        max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + (1 << 20),
    )
    if app.config["JOB_THREADS"]:
        threading.Thread(target=background.work, args=(app,), name="jobs and clock", daemon=True).start()
    say()
    server.run()


def _gunicorn(app, say):
    from gunicorn.app.base import BaseApplication
    from gunicorn.arbiter import Arbiter

    class Master(Arbiter):
        """gunicorn's first process, which keeps one more beside the workers: jobs and clock."""

        def manage_workers(self):
            super().manage_workers()
            self.beside.keep()

        def stop(self, graceful=True):
            super().stop(graceful)
            self.beside.end()

    class Server(BaseApplication):
        """gunicorn with the app that stands already: the workers are forked from it."""

        def load_config(self):
            for name, value in _options(app, say).items():
                self.cfg.set(name, value)

        def load(self):
            return app

        def run(self):
            master = Master(self)
            master.beside = background.Beside(app, lambda: _alone(app, master.LISTENERS))
            master.run()

    _let_go(app)
    Server().run()


def _options(app, say) -> dict:
    host = f"[{app.config['HOST']}]" if ":" in app.config["HOST"] else app.config["HOST"]
    return {
        "bind": f"{host}:{app.config['PORT']}",
        "worker_class": "gthread",
        "workers": app.config["WORKERS"],
        "threads": app.config["THREADS"],
        "preload_app": True,
        "timeout": 120,  # seconds without a sign of life; a long export keeps its thread, not its worker
        "graceful_timeout": 20,
        "max_requests": 20_000,  # then a worker is made anew: what leaks stays small
        "max_requests_jitter": 2_000,
        "loglevel": "warning",
        "control_socket_disable": True,
        "when_ready": lambda _server: say(),
        "post_fork": lambda _server, _worker: _let_go(app),
    }


def _alone(app, listeners):
    """What a process beside the workers gives back: the address, which is not its own, and the connections."""
    for listener in listeners:
        listener.close()
    _let_go(app)


def _let_go(app):
    """A connection must not be shared by two processes."""
    from app.extensions import db

    app.extensions["bell"].close()
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose(close=False)
