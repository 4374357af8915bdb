"""A real HTTP server that speaks the chat completions of OpenAI, and misbehaves when told to."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KEY = "sk-the-secret-of-these-tests"

Body = dict[str, Any]


@dataclass(frozen=True)
class Trouble:
    """What the server does instead of answering."""

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b'{"error": {"message": "something with sk-the-secret-of-these-tests"}}'
    delay_s: float = 0.0


NO_JSON = Trouble(200, body=b'{"id": "x", "choices": [{"mess')
NO_CHOICES = Trouble(200, body=b'{"id": "x", "object": "chat.completion", "choices": []}')


class OpenAIServer:
    """Serves `/v1/chat/completions` on the loopback while it is entered.

    `models` say what each model answers: a text, or a function of the request. `troubles` come
    first, one for each request, in order. `usage` are the tokens it counts, None to tell none.
    """

    def __init__(self, models: dict[str, str | Callable[[Body], str]]) -> None:
        self.models = models
        self.troubles: list[Trouble] = []
        self.usage: tuple[int, int] | None = (100, 10)
        self.finish_reason = "stop"
        self.delay_s = 0.0
        self.hold_after: int | None = None
        """How many answers to give; requests behind them wait until `let_go`, and get none."""
        self.held = threading.Event()
        self.paid: Counter[str] = Counter()
        """Answers that were sent, by what was asked."""
        self.asked: list[tuple[float, Body]] = []
        """All requests with the second of their coming."""
        self.headers: list[dict[str, str]] = []
        self.at_once = 0
        """The most requests that were under way together."""
        self.gets = 0
        """Requests that ask for no completion."""
        self._now = 0
        self._lock = threading.Lock()
        self._go = threading.Event()
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.let_go()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)

    def let_go(self) -> None:
        self.hold_after = None
        self._go.set()

    @property
    def payments(self) -> int:
        return self.paid.total()

    def reply(self, headers: dict[str, str], body: Body) -> Trouble:
        with self._lock:
            self._now += 1
            self.at_once = max(self.at_once, self._now)
            self.asked.append((time.monotonic(), body))
            self.headers.append(headers)
            trouble = self.troubles.pop(0) if self.troubles else None
        try:
            time.sleep(trouble.delay_s if trouble else self.delay_s)
            return trouble or self._answer(headers, body)
        finally:
            with self._lock:
                self._now -= 1

    def _answer(self, headers: dict[str, str], body: Body) -> Trouble:
        if headers.get("authorization") != f"Bearer {KEY}":
            return Trouble(401)
        if body["model"] not in self.models:
            return Trouble(404)
        with self._lock:
            is_held = self.hold_after is not None and self.payments >= self.hold_after
            if not is_held:
                self.paid[json.dumps(body, sort_keys=True)] += 1
        if is_held:
            self.held.set()
            self._go.wait(60)
            return Trouble(503)
        says = self.models[body["model"]]
        return Trouble(
            200, body=self._completion(body, says if isinstance(says, str) else says(body))
        )

    def _completion(self, body: Body, text: str) -> bytes:
        message = {"role": "assistant", "content": text}
        completion: Body = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": self.finish_reason}],
        }
        if self.usage:
            question, answer = self.usage
            completion["usage"] = {
                "prompt_tokens": question,
                "completion_tokens": answer,
                "total_tokens": question + answer,
            }
        return json.dumps(completion).encode()


class _Handler(BaseHTTPRequestHandler):
    owner: OpenAIServer
    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1  # one packet for headers and body, or each answer waits 40 ms for the other half

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        is_known = self.path == "/v1/chat/completions"
        reply = self.owner.reply(headers, body) if is_known else Trouble(404)
        try:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has gone

    def do_GET(self) -> None:
        self.owner.gets += 1
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: what was asked is in `asked`."""
