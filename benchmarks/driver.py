"""Drive the app without a browser: a server of its own, a real sign-in, reruns over Streamlit's WebSocket.

A tab does what the browser does: it sends the page it is on and the hashes of the messages it still holds.
Times run from the request of a rerun to the message that the script has finished.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.error import URLError

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

ROOT = Path(__file__).resolve().parent.parent
LARGEST_MESSAGE = 200 * 1024 * 1024


class DriveError(Exception):
    """The app did not do what a signed-in user would see."""


@contextmanager
def running_server(url: str, *, log: Path) -> Iterator[str]:
    """Start the server of `benchmarks/server.py` over a store, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "DATABASE_URL": url}
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.start_server", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=lines,
            stderr=lines,
        )
        try:
            base = f"http://127.0.0.1:{port}"
            _wait_until_up(base, process, log)
            yield base
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_until_up(base: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise DriveError(f"the server ended: {log.read_text('utf-8', 'replace')[-2000:]}")
        try:
            with urllib.request.urlopen(f"{base}/_stcore/health", timeout=5):  # noqa: S310  # our own server
                return
        except (URLError, TimeoutError, ConnectionError):
            time.sleep(0.2)
    raise DriveError(f"the server did not answer: {log.read_text('utf-8', 'replace')[-2000:]}")


@dataclass
class Rerun:
    """What came back of one rerun: how long it took, and the messages."""

    seconds: float
    messages: list[ForwardMsg]
    sent_bytes: int

    def elements(self) -> Iterator[Any]:
        """Yield the elements drawn."""
        for message in self.messages:
            if message.WhichOneof("type") == "delta" and message.delta.WhichOneof("type") == "new_element":
                yield message.delta.new_element

    def headings(self) -> list[str]:
        """Return the titles and headings drawn."""
        return [element.heading.body for element in self.elements() if element.WhichOneof("type") == "heading"]

    def texts(self) -> list[str]:
        """Return the plain texts drawn, such as the name of who is signed in."""
        return [element.text.body for element in self.elements() if element.WhichOneof("type") == "text"]

    def failures(self) -> list[str]:
        """Return what went wrong on the page."""
        kinds = {element.WhichOneof("type") for element in self.elements()} & {"exception"}
        alerts = [
            element.alert.body
            for element in self.elements()
            if element.WhichOneof("type") == "alert" and element.alert.format == element.alert.ERROR
        ]
        return [*kinds, *alerts]


@dataclass
class Tab:
    """One browser tab: a connection, the page it is on, the messages it holds."""

    base: str
    cookie: str | None
    connection: ClientConnection
    pages: dict[str, str] = field(default_factory=dict)
    held: dict[str, ForwardMsg] = field(default_factory=dict)

    @classmethod
    async def opened(cls, base: str, cookie: str | None = None) -> Self:
        """Connect as a browser does."""
        connection = await connect(
            base.replace("http", "ws", 1) + "/_stcore/stream",
            origin=Origin(base),
            subprotocols=[Subprotocol("streamlit")],
            additional_headers={"Cookie": cookie} if cookie else None,
            max_size=LARGEST_MESSAGE,
            compression=None,
        )
        return cls(base, cookie, connection)

    async def close(self) -> None:
        """Leave."""
        await self.connection.close()

    async def rerun(
        self, page: str = "", *, query: str = "", widgets: list[WidgetState] | None = None, timeout: float = 120
    ) -> Rerun:
        """Run a page by its address, and wait until the script has finished."""
        request = BackMsg()
        state = request.rerun_script
        state.query_string = query
        if page in self.pages:
            state.page_script_hash = self.pages[page]
        else:
            state.page_name = page
        state.context_info.locale = "en-GB"
        state.context_info.timezone = "Asia/Shanghai"
        state.context_info.timezone_offset = -480
        state.context_info.url = f"{self.base}/{page}"
        state.cached_message_hashes.extend(self.held)
        state.widget_states.widgets.extend(widgets or [])
        started = time.perf_counter()
        await self.connection.send(request.SerializeToString())
        messages: list[ForwardMsg] = []
        received = 0
        async with asyncio.timeout(timeout):
            async for raw in self.connection:
                received += len(raw)
                message = self._resolved(ForwardMsg.FromString(raw if isinstance(raw, bytes) else raw.encode()))
                messages.append(message)
                kind = message.WhichOneof("type")
                if kind == "navigation":
                    self.pages = {each.url_pathname: each.page_script_hash for each in message.navigation.app_pages}
                elif kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                        raise DriveError(f"the script of {page!r} did not finish")
                    return Rerun(time.perf_counter() - started, messages, received)
        raise DriveError(f"the server hung up while {page!r} ran")

    def _resolved(self, message: ForwardMsg) -> ForwardMsg:
        if message.WhichOneof("type") == "ref_hash":
            return self.held[message.ref_hash]
        if message.metadata.cacheable and message.hash:
            self.held[message.hash] = message
        return message


async def sign_in(base: str, name: str, password: str) -> str:
    """Sign in through the form and trade the ticket for the session cookie, as the page's script does.

    Returns:
        The `Cookie` header of whoever is signed in.

    Raises:
        DriveError: the form is not there, or the name or password is refused.
    """
    tab = await Tab.opened(base)
    try:
        form = list((await tab.rerun()).elements())
        fields = [element.text_input.id for element in form if element.WhichOneof("type") == "text_input"]
        buttons = [
            element.button.id
            for element in form
            if element.WhichOneof("type") == "button" and element.button.is_form_submitter
        ]
        if len(fields) != 2 or len(buttons) != 1:
            raise DriveError(f"no sign-in form at {base}")
        widgets = [
            WidgetState(id=fields[0], string_value=name),
            WidgetState(id=fields[1], string_value=password),
            WidgetState(id=buttons[0], trigger_value=True),
        ]
        answer = await tab.rerun(widgets=widgets)
        return await asyncio.to_thread(_cookie_for, base, _ticket_in(answer))
    finally:
        await tab.close()


def _ticket_in(answer: Rerun) -> str:
    for element in answer.elements():
        if element.WhichOneof("type") == "html" and "data-ticket=" in element.html.body:
            ticket: str = element.html.body.split('data-ticket="')[1].split('"')[0]
            return ticket
    raise DriveError(f"not signed in: {answer.failures()}")


def _cookie_for(base: str, ticket: str) -> str:
    request = urllib.request.Request(  # noqa: S310  # our own server
        f"{base}/session/cookie",
        data=json.dumps({"ticket": ticket}).encode(),
        headers={"Origin": base, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310  # our own server
        cookie: str = response.headers["Set-Cookie"]
    return cookie.split(";", maxsplit=1)[0]
