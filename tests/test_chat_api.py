"""OpenAI's routes, asked by OpenAI's own client: `pytest -m slow`."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
import uvicorn
from pydantic import BaseModel

pytest.importorskip("openai")
import httpx
import openai

from core.app import create_app
from core.chat_api import router
from core.generation import Cancel, Deliver, Full, Message, Piece, Sampling, answer
from core.options import ServerSettings

pytestmark = pytest.mark.slow

CONTEXT = 60  # characters, which are the tokens here
MANIFEST: dict[str, Any] = {"task": "echoing", "algorithm": "echo", "version": "abc"}
HELLO: Any = [{"role": "user", "content": "hello"}]


class Question(BaseModel):
    text: str


class Reply(BaseModel):
    text: str


class Echo:
    """An engine that says in capitals what it is asked, a character at a time."""

    slots = 4
    max_length = CONTEXT
    failure = None
    last: Sampling  # that was asked for

    def __init__(self) -> None:
        self.pause = 0.0  # seconds between characters
        self.is_full = False
        self.fails_after: int | None = None
        self.cancelled = threading.Event()

    def submit(self, ids: Sequence[int], sampling: Sampling, deliver: Deliver) -> Cancel:
        if self.is_full:
            raise Full
        self.last = sampling
        left = threading.Event()

        def cancel() -> None:
            left.set()

        threading.Thread(target=self._say, args=(ids, sampling, deliver, left)).start()
        return cancel

    def close(self) -> None:
        pass

    def _say(
        self, ids: Sequence[int], sampling: Sampling, deliver: Deliver, left: threading.Event
    ) -> None:
        said = [chr(number).upper() for number in ids][: sampling.max_tokens]
        finish: Any = "length" if len(said) < len(ids) else "stop"
        for number, text in enumerate(said, start=1):
            if left.wait(self.pause):
                self.cancelled.set()
                return
            if number == self.fails_after:
                deliver(ArithmeticError("broken"))
                return
            deliver(Piece(text, number, finish if number == len(said) else None))


class Model:
    """A predictor as a task would write it."""

    routers = (router,)
    token_budget = 1
    workers = 4
    max_length = CONTEXT

    def __init__(self, engine: Echo) -> None:
        self.engine = engine

    def encode_chat(self, messages: Sequence[Message]) -> list[int]:
        if messages[-1].role != "user":
            raise ValueError("The last message has to be the user's.")
        return self.encode_text(messages[-1].content)

    def encode_text(self, text: str) -> list[int]:
        return [ord(character) for character in text]

    def room(self, ids: Sequence[int]) -> int:
        if len(ids) >= CONTEXT:
            raise ValueError(f"{len(ids)} tokens were sent; at most {CONTEXT - 1} are taken.")
        return CONTEXT - len(ids)

    def prepare(self, item: Question) -> list[int]:
        return self.encode_text(item.text)

    def size(self, prepared: list[int]) -> int:
        return len(prepared)

    def infer(self, batch: list[list[int]]) -> list[Reply]:
        questions = [(ids, Sampling(self.room(ids))) for ids in batch]
        return [Reply(text=text) for text in answer(self.engine, questions)]


@contextmanager
def served(load: Callable[[], Any], **options: Any) -> Iterator[str]:
    """Its address; the model may still be loading."""
    settings = ServerSettings(**options)
    app = create_app(load, Question, Reply, MANIFEST, settings, Model.routers)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join()


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{address}/readyz").status_code == 200:
                return
        except httpx.ConnectError:
            pass
        time.sleep(0.02)
    raise TimeoutError


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def address(echo: Echo) -> Iterator[str]:
    with served(lambda: Model(echo), max_body=10_000) as address:
        wait_until_ready(address)
        yield address


@pytest.fixture
def client(address: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)


def test_models_are_listed_by_task_and_version(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["echoing", "abc"]


def test_a_conversation_is_answered(client: openai.OpenAI) -> None:
    done = client.chat.completions.create(model="echoing", messages=HELLO)
    (choice,) = done.choices
    assert (choice.message.role, choice.message.content) == ("assistant", "HELLO")
    assert (choice.finish_reason, done.object) == ("stop", "chat.completion")
    assert (done.model, done.system_fingerprint) == ("echoing", "abc")
    assert done.usage
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (5, 5)


def test_a_conversation_is_streamed(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(model="abc", messages=HELLO, stream=True))
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [c.choices[0].delta.content for c in chunks[1:-1]] == list("HELLO")
    assert [c.choices[0].finish_reason for c in chunks] == [None] * 6 + ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_ends_with_its_usage_where_asked(client: openai.OpenAI) -> None:
    *_, last = client.chat.completions.create(
        model="echoing", messages=HELLO, stream=True, stream_options={"include_usage": True}
    )
    assert last.choices == []
    assert last.usage
    assert last.usage.total_tokens == 10


def test_a_stream_is_server_sent_events(address: str) -> None:
    body = {"messages": HELLO, "stream": True}
    reply = httpx.post(f"{address}/v1/chat/completions", json=body)
    assert reply.headers["content-type"].startswith("text/event-stream")
    events = reply.text.split("\n\n")
    assert all(event.startswith("data: ") for event in events[:-1])
    assert events[-2:] == ["data: [DONE]", ""]


def test_pieces_come_as_they_are_made(client: openai.OpenAI, echo: Echo) -> None:
    echo.pause = 0.1
    started = time.monotonic()
    stream = client.completions.create(model="echoing", prompt="0123456789", stream=True)
    next(iter(stream))
    assert time.monotonic() - started < 0.6
    stream.close()


def test_a_text_is_gone_on_with(client: openai.OpenAI) -> None:
    done = client.completions.create(model="echoing", prompt="weld", max_tokens=3)
    assert (done.choices[0].text, done.choices[0].finish_reason) == ("WEL", "length")
    assert done.object == "text_completion"


def test_a_text_is_streamed(client: openai.OpenAI) -> None:
    stream = client.completions.create(model="echoing", prompt="weld", stream=True)
    assert "".join(chunk.choices[0].text for chunk in stream) == "WELD"


def test_what_is_asked_reaches_the_engine(client: openai.OpenAI, echo: Echo) -> None:
    client.chat.completions.create(
        model="echoing",
        messages=HELLO,
        max_completion_tokens=7,
        temperature=0.5,
        top_p=0.9,
        seed=3,
        stop=["a", "b"],
        extra_body={"top_k": 5},
    )
    assert echo.last == Sampling(7, 0.5, 0.9, 5, 3, ("a", "b"))


def test_the_default_is_as_in_openais_reference(client: openai.OpenAI, echo: Echo) -> None:
    client.chat.completions.create(model="echoing", messages=HELLO)
    assert echo.last == Sampling(CONTEXT - 5, temperature=1.0)


def test_parts_of_text_are_one_text(client: openai.OpenAI) -> None:
    parts: Any = [{"type": "text", "text": "ab"}, {"type": "text", "text": "c"}]
    done = client.chat.completions.create(
        model="echoing", messages=[{"role": "user", "content": parts}]
    )
    assert done.choices[0].message.content == "ABC"


@pytest.mark.parametrize(
    "options",
    [
        {"n": 1, "frequency_penalty": 0, "presence_penalty": 0.0, "logprobs": False},
        {"user": "me", "metadata": {"a": "b"}, "store": True},
        {"tools": [], "tool_choice": "none", "response_format": {"type": "text"}},
    ],
)
def test_what_changes_nothing_is_taken(client: openai.OpenAI, options: dict[str, Any]) -> None:
    client.chat.completions.create(model="echoing", messages=HELLO, **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 2}, "n is not supported"),
        ({"logprobs": True}, "logprobs is not supported"),
        ({"frequency_penalty": 1}, "frequency_penalty is not supported"),
        ({"response_format": {"type": "json_object"}}, "response_format is not supported"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools is not supported"),
        ({"temperature": 3}, "temperature: "),
        ({"top_p": 0}, "top_p: "),
        ({"max_tokens": 0}, "max_tokens: "),
        ({"stop": [""]}, "stop"),
        ({"extra_body": {"tempratur": 1}}, "tempratur is not supported"),
        ({"messages": []}, "messages: "),
        ({"messages": [{"role": "pirate", "content": "a"}]}, "messages.0.role: "),
        ({"messages": [{"role": "user", "content": None}]}, "messages.0.content"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages.0.content",
        ),
        ({"messages": [{"role": "assistant", "content": "a"}]}, "The last message"),
        ({"messages": [{"role": "user", "content": "a" * 100}]}, "100 tokens were sent"),
    ],
)
def test_what_cannot_be_done_is_refused_by_name(
    client: openai.OpenAI, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(**{"model": "echoing", "messages": HELLO, **options})
    assert words in refused.value.message
    assert refused.value.type == "invalid_request_error"


def test_codes_say_what_a_program_can_mend(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-4o", messages=HELLO)
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    long: Any = [{"role": "user", "content": "a" * 100}]
    with pytest.raises(openai.BadRequestError) as refused:
        client.chat.completions.create(model="echoing", messages=long)
    assert refused.value.code == "context_length_exceeded"


@pytest.mark.parametrize(("body", "status"), [(b"{", 400), (b"", 400), (b" " * 20_000, 413)])
def test_bodies_that_are_no_request_are_refused(address: str, body: bytes, status: int) -> None:
    reply = httpx.post(f"{address}/v1/chat/completions", content=body)
    assert reply.status_code == status
    assert reply.json()["error"]["message"]


def test_a_full_server_says_when_to_come_back(client: openai.OpenAI, echo: Echo) -> None:
    echo.is_full = True
    for stream in (False, True):
        with pytest.raises(openai.InternalServerError) as refused:
            client.chat.completions.create(model="echoing", messages=HELLO, stream=stream)
        assert refused.value.status_code == 503
        assert refused.value.response.headers["retry-after"] == "1"


@pytest.mark.parametrize("stream", [False, True])
def test_who_leaves_ends_the_computing(address: str, echo: Echo, stream: bool) -> None:
    echo.pause = 0.05
    body = {"prompt": "a" * 50, "max_tokens": 1000, "stream": stream}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{address}/v1/completions", json=body, timeout=0.03 if stream else 0.2)
    assert echo.cancelled.wait(2)


def test_an_engine_that_fails_is_said(client: openai.OpenAI, echo: Echo) -> None:
    echo.fails_after = 3
    with pytest.raises(openai.APIError) as failed:
        list(client.completions.create(model="echoing", prompt="weld", stream=True))
    assert "log says more" in failed.value.message
    with pytest.raises(openai.InternalServerError):
        client.completions.create(model="echoing", prompt="weld")


def test_many_are_answered_at_once(address: str, echo: Echo) -> None:
    echo.pause = 0.05

    async def ask() -> list[str]:
        client = openai.AsyncOpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0)
        asked = [client.completions.create(model="echoing", prompt=f"w{n}") for n in range(8)]
        return [done.choices[0].text for done in await asyncio.gather(*asked)]

    assert asyncio.run(ask()) == [f"W{number}" for number in range(8)]


def test_predict_works_beside_it(address: str) -> None:
    reply = httpx.post(f"{address}/predict", json=[{"text": "a"}, {"text": "b"}])
    assert reply.status_code == 200, reply.text
    assert [one["text"] for one in reply.json()] == ["A", "B"]


def test_a_model_that_loads_is_not_there_yet() -> None:
    gate = threading.Event()

    def load() -> Model:
        gate.wait(5)
        return Model(Echo())

    with served(load) as address:
        while True:
            try:
                reply = httpx.post(f"{address}/v1/chat/completions", json={"messages": HELLO})
                break
            except httpx.ConnectError:
                time.sleep(0.02)
        gate.set()
        assert reply.status_code == 503
        assert reply.json()["error"]["type"] == "overloaded_error"


def test_a_key_is_asked_for(monkeypatch: pytest.MonkeyPatch, echo: Echo) -> None:
    monkeypatch.setenv("SERVE_API_KEY", "secret")
    with served(lambda: Model(echo)) as address:
        wait_until_ready(address)
        for key, allowed in (("secret", True), ("guess", False)):
            client = openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0)
            if allowed:
                client.chat.completions.create(model="echoing", messages=HELLO)
            else:
                with pytest.raises(openai.AuthenticationError):
                    client.chat.completions.create(model="echoing", messages=HELLO)
