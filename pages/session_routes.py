"""Addresses of our own: the page script, and the cookie it fetches for a ticket.

The cookie is out of reach of scripts and goes to this site only; over TLS it is bound to TLS and to this host.
The guard has checked the origin before.
"""

import json

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pages.parts.session import COOKIE, TLS_COOKIE
from pages.parts.store.accounts import LONGEST_SECONDS, spend_ticket

LARGEST_TICKET = 512
PAGE_SCRIPT = """(() => {
  const own = document.currentScript.dataset;
  document.documentElement.lang = own.language;
  const cookie = "/session/cookie";
  if (own.ticket) fetch(cookie, {method: "POST", body: JSON.stringify({ticket: own.ticket})});
  if (own.signedOut) fetch(cookie, {method: "DELETE"});
  if (own.reload) location.reload();
  if (window.branchCoachKeys) return;
  window.branchCoachKeys = true;
  const fullScreen = () =>
    document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen();
  const look = () => {
    const address = new URL(window.location.href);
    const isDark = getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme === "dark";
    address.searchParams.set("embed_options", isDark ? "light_theme" : "dark_theme");
    window.location.replace(address);
  };
  const keys = {f: [".st-key-meeting_full_screen", fullScreen], t: [".st-key-meeting_look", look]};
  document.addEventListener("click", (event) => {
    for (const [place, act] of Object.values(keys)) if (event.target.closest(place + " button")) act();
  });
  document.addEventListener("keydown", (event) => {
    const [place, act] = keys[event.key.toLowerCase()] ?? [];
    const isTyping = event.target.closest("input, textarea, [contenteditable=true]");
    if (place && document.querySelector(place) && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) act();
  });
})();
"""


async def page_script(_request: Request) -> Response:
    """Give the script that every page runs."""
    return Response(PAGE_SCRIPT, media_type="text/javascript", headers={"Cache-Control": "max-age=3600"})


async def trade_ticket(request: Request) -> Response:
    """Set the cookie of the session that the ticket opens, once."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_TICKET:
            return Response(status_code=413)
    try:
        ticket = json.loads(body)["ticket"]
    except (ValueError, KeyError, TypeError):
        return Response(status_code=400)
    sid = await anyio.to_thread.run_sync(spend_ticket, ticket) if isinstance(ticket, str) else None
    if sid is None:
        return Response(status_code=403)
    answer = Response(status_code=204)
    over_tls = request.headers["origin"].startswith("https://")
    answer.set_cookie(
        TLS_COOKIE if over_tls else COOKIE,
        sid,
        max_age=LONGEST_SECONDS,
        path="/",
        secure=over_tls,
        httponly=True,
        samesite="strict",
    )
    return answer


async def drop_cookie(request: Request) -> Response:
    """Take the cookie back after signing out; the session behind it is dead already."""
    answer = Response(status_code=204)
    over_tls = request.headers["origin"].startswith("https://")
    answer.delete_cookie(
        TLS_COOKIE if over_tls else COOKIE, path="/", secure=over_tls, httponly=True, samesite="strict"
    )
    return answer


ROUTES = (
    Route("/session/page.js", page_script),
    Route("/session/cookie", trade_ticket, methods=["POST"]),
    Route("/session/cookie", drop_cookie, methods=["DELETE"]),
)
