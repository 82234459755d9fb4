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
    if (document.fullscreenElement) return;  // another look loads the page anew, which ends full screen
    const address = new URL(window.location.href);
    const isDark = getComputedStyle(document.querySelector("[data-testid=stApp]")).colorScheme === "dark";
    address.searchParams.set("embed_options", isDark ? "light_theme" : "dark_theme");
    window.location.replace(address);
  };
  const keys = {f: [".st-key-meeting_full_screen", fullScreen], t: [".st-key-meeting_look", look]};
  const forms = {d: "decide_words", s: "settle_which", e: "end_people"};  // what is in the first field
  const button = (field) => ".st-key-meeting_" + field.split("_")[0];
  const dialog = () => document.querySelector("[role=dialog]");
  const isOn = (place) => document.querySelector(place + " button:enabled");
  document.addEventListener("click", (event) => {
    for (const [place, act] of Object.values(keys)) if (event.target.closest(place + " button")) act();
    for (const field of Object.values(forms)) if (event.target.closest(button(field) + " button")) open(field);
  });
  // A form is on its way from the server once its key is pressed: what is typed meanwhile is kept for its first field.
  let opening = null;
  const open = (field) => {
    opening = {field: `[role=dialog] .st-key-meeting_${field} input`, until: Date.now() + 3000, words: ""};
  };
  const holds = () => dialog()?.contains(document.activeElement) && document.activeElement.tagName === "INPUT";
  const enter = () => {
    if (!opening) return;
    const {field: place, words} = opening, field = document.querySelector(place);
    opening = null;
    field?.focus();
    for (const wait of [100, 250, 500])  // the dialog takes the focus once more
      setTimeout(() => holds() || document.querySelector(place)?.focus(), wait);
    if (!field || !words || field.getAttribute("role") === "combobox") return;
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(field, field.value + words);
    field.dispatchEvent(new Event("input", {bubbles: true}));
  };
  new MutationObserver(() => {
    if (!opening) return;
    if (document.querySelector(opening.field)) requestAnimationFrame(enter);
    else if (Date.now() > opening.until) opening = null;
  }).observe(document.documentElement, {childList: true, subtree: true});
  window.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, [contenteditable=true]");
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (opening && (Date.now() > opening.until || event.key === "Escape")) opening = null;
    if (opening && !isTyping) {
      if (event.key.length === 1 && !event.repeat) opening.words += event.key;
      if (event.key === "Backspace") opening.words = opening.words.slice(0, -1);
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (isTyping || dialog()) return;
    const form = forms[event.key.toLowerCase()];
    if (form && isOn(button(form))) open(form);
    const [place, act] = keys[event.key.toLowerCase()] ?? [];
    if (place && isOn(place)) act();
  }, true);
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
