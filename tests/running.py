"""A real server in a process of its own, and a browser's side of it in plain HTTP and WebSocket."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.util import calc_hash
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from core.facts import COMMAND_LINE, UserRole
from core.passwords import hash_of
from db.engine import writing
from db.users import create_user

ROOT = Path(__file__).parent.parent
PASSWORD = "a long enough password"
START_SECONDS = 60
RUN_SECONDS = 30


def add_user(store: str, username: str, role: UserRole = UserRole.SUPERVISOR, **more: Any) -> int:
    """Make an account with `PASSWORD`, hashed at the lowest cost unless `cost` says otherwise."""
    password_hash = hash_of(more.pop("password", PASSWORD), cost=more.pop("cost", 4))
    more.setdefault("is_one_time", False)
    with writing(store) as session:
        return create_user(
            session,
            actor=COMMAND_LINE,
            username=username,
            display_name=username.title(),
            role=role,
            password_hash=password_hash,
            **more,
        ).user_id


@dataclass
class Answer:
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    """A server that runs, and how to speak to it."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    host: str = "localhost"
    tabs: list["Tab"] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where a browser finds it."""
        return f"http://{self.host}:{self.port}"

    def ask(
        self, path: str, *, method: str = "GET", cookie: str | None = None, body: bytes | None = None, **headers: str
    ) -> Answer:
        """Send one request; `Host` and `Origin` are right unless given (underscores stand for hyphens)."""
        sent = {"Host": f"{self.host}:{self.port}"}
        if method not in {"GET", "HEAD"}:
            sent["Origin"] = self.url
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            sent["Cookie"] = cookie if "=" in cookie else f"branch_coach={cookie}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=RUN_SECONDS)
        try:
            connection.putrequest(method, path, skip_host=True)
            for name, value in sent.items():
                if value:
                    connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def tab(
        self, *, cookie: str | None = None, origin: str | None = "", session: str | None = None, **headers: str
    ) -> "Tab":
        """Open a browser tab's connection; the origin is right unless given, None sends none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            sent["Cookie"] = f"branch_coach={cookie}"
        protocols = ["streamlit", "token"] + ([session] if session else [])
        connection = connect(
            f"ws://{self.host}:{self.port}/_stcore/stream",
            origin=None if origin is None else Origin(origin or self.url),
            additional_headers=sent,
            subprotocols=[Subprotocol(each) for each in protocols],
            max_size=None,
            proxy=None,
            legacy=True,  # closed with the server, not at the end of a block
        )
        opened = Tab(self, connection)
        self.tabs.append(opened)
        return opened

    def stop(self) -> int:
        """End the server as an operating system does."""
        self.process.terminate()
        return self.process.wait(20)


@dataclass
class Tab:
    """One tab: what it was sent, and what it can do."""

    server: Server
    connection: ClientConnection
    session_id: str = ""
    messages: list[ForwardMsg] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    cookie: str | None = None
    owner: str = ""
    page_hash: str = ""
    not_found: bool = False
    values: dict[str, WidgetState] = field(default_factory=dict)

    def run(
        self,
        page: str = "",
        *,
        page_hash: str | None = None,
        fragment: str = "",
        query: str = "",
        set_values: Sequence[WidgetState] = (),
    ) -> str:
        """Ask for a page by name or hash and return all text that came."""
        state = ClientState(query_string=query, page_name=page, fragment_id=fragment)
        state.page_script_hash = page_hash if page_hash is not None else ("" if page else self.page_hash)
        state.context_info.locale = "en-US"
        for value in set_values:
            self.values[value.id] = value
        state.widget_states.widgets.extend(self.values.values())
        self.values = {key: value for key, value in self.values.items() if not value.HasField("trigger_value")}
        self.send(BackMsg(rerun_script=state))
        return self.read_run(keep=bool(fragment))

    def send(self, message: BackMsg) -> None:
        """Send any message."""
        self.connection.send(message.SerializeToString())

    def read_run(self, *, keep: bool = False) -> str:
        """Read until the run has ended, reruns included, and return its text; `keep` the parts not drawn again."""
        self.messages, self.not_found = [], False
        kept, self.elements = (self.elements if keep else []), []
        ends = time.monotonic() + RUN_SECONDS
        while time.monotonic() < ends:
            message = ForwardMsg.FromString(bytes(self.connection.recv(timeout=RUN_SECONDS)))  # type: ignore[arg-type]
            self.messages.append(message)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
                self.elements = []
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self.elements.append(message.delta.new_element)
            elif kind == "navigation":
                self.page_hash = message.navigation.page_script_hash
            elif kind == "page_not_found":
                self.not_found = True
            elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                text = self.text
                self.elements = kept + self.elements
                return text
        raise TimeoutError("the run did not end")

    @property
    def text(self) -> str:
        """Every word on the page, page names of the menu included."""
        menus = [m.navigation for m in self.messages if m.WhichOneof("type") == "navigation"]
        return "\n".join(str(each) for each in [*menus, *self.elements])

    @property
    def pages(self) -> list[str]:
        """Titles of the pages registered in the last run."""
        menus = [m.navigation for m in self.messages if m.WhichOneof("type") == "navigation"]
        return [page.page_name for page in menus[-1].app_pages] if menus else []

    def widget(self, kind: str, name: str) -> Any:
        """Return the widget of this kind whose key or label is this."""
        for element in self.elements:
            if element.WhichOneof("type") == kind:
                found = getattr(element, kind)
                if found.id.endswith(f"-{name}") or found.label == name:
                    return found
        raise LookupError(f"no {kind} {name!r} on the page:\n{self.text[:2000]}")

    def click(self, name: str, *, kind: str = "button", **values: str) -> str:
        """Type texts into the inputs of these labels or keys, click a button, return the text that came."""
        states = [
            WidgetState(id=self.widget("text_input", label.replace("_", " ")).id, string_value=value)
            for label, value in values.items()
        ]
        states.append(WidgetState(id=self.widget(kind, name).id, trigger_value=True))
        return self.run(set_values=states)

    @staticmethod
    def press(widget_id: str) -> WidgetState:
        """Return the state of a button just clicked."""
        return WidgetState(id=widget_id, trigger_value=True)

    @staticmethod
    def typed(widget_id: str, words: str) -> WidgetState:
        """Return the state of an input with words in it."""
        return WidgetState(id=widget_id, string_value=words)

    def ask_download(self, file_id: str) -> Any:
        """Ask for the file behind a download button and return the answer."""
        order = BackMsg()
        order.backend_operation_request.request_id = "download"
        order.backend_operation_request.session_id = self.session_id
        order.backend_operation_request.deferred_file.file_id = file_id
        self.send(order)
        while True:
            message = ForwardMsg.FromString(bytes(self.connection.recv(timeout=RUN_SECONDS)))  # type: ignore[arg-type]
            if message.WhichOneof("type") == "backend_operation_response":
                return message.backend_operation_response

    def sign_in(self, username: str, password: str = PASSWORD) -> str:
        """Fill the form, and trade the ticket for the cookie as the page script does."""
        self.owner = username
        text = self.click("Sign in", User_name=username, Password=password)
        ticket = self.ticket
        if ticket:
            answer = self.server.ask("/session/cookie", method="POST", body=json.dumps({"ticket": ticket}).encode())
            self.cookie = answer.headers["set-cookie"].split(";")[0].partition("=")[2]
        return text

    @property
    def ticket(self) -> str | None:
        """The ticket the page holds for its script."""
        found = re.search(r'data-ticket=\\?"([^"\\]+)', self.text)
        return found.group(1) if found else None

    def is_closed(self, within: float = 2.0) -> bool:
        """Tell whether the server hung up."""
        try:
            while True:
                self.connection.recv(timeout=within)
        except TimeoutError:
            return False
        except ConnectionClosed:
            return True

    def close(self) -> None:
        """Close the tab."""
        self.connection.close()


def page_hash(name: str) -> str:
    """Return the hash under which Streamlit knows a page; anybody can work it out."""
    return str(calc_hash(name))


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_server(
    folder: Path,
    *,
    database_url: str | None,
    app: Path = ROOT / "app.py",
    host: str = "localhost",
    root: Path = ROOT,
    module: str | None = None,
    **settings: str,
) -> Iterator[Server]:
    """Start the app as its users do and stop it at the end; `settings` go into the environment.

    A `module` that is given starts it instead, and is told the port.
    """
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BRANCH_COACH", "PYTEST"))}
    environment |= {"PYTHONPATH": str(root), "BRANCH_COACH_SECRET": os.environ["BRANCH_COACH_SECRET"], **settings}
    environment.pop("DATABASE_URL", None)
    if database_url:
        environment["DATABASE_URL"] = database_url
    log = folder / f"server-{port}.log"
    started = [module, str(port)] if module else ["streamlit", "run", str(app), "--server.port", str(port)]
    command = [sys.executable, "-m", *started]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=output, stderr=subprocess.STDOUT)
    server = Server(port, process, log, host)
    try:
        _wait_until_it_answers(server)
        yield server
    finally:
        for opened in server.tabs:
            opened.close()
        if process.poll() is None:
            server.stop()


def _wait_until_it_answers(server: Server) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended:\n{server.log.read_text('utf-8')}")
        try:
            if server.ask("/_stcore/health").status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"the server did not start:\n{server.log.read_text('utf-8')}")
