"""OpenAI's routes in front of a model that generates: its clients need another address and no more.

OpenAI(base_url="http://127.0.0.1:8001/v1", api_key="…").chat.completions.create(…)
"""

import json
import logging
import secrets
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send

from core.app import Served, measured, read_body, unless_left
from core.chat_schemas import ChatRequest, CompletionRequest
from core.generation import Finish, Full, Generator, Piece, Sampling, Stream
from core.problems import Problem, busy
from core.service import Service

log = logging.getLogger(__name__)

KINDS = {401: "authentication_error", 404: "not_found_error", 503: "overloaded_error"}

Asked = TypeVar("Asked", ChatRequest, CompletionRequest)


class Refusal(Problem):
    """An error in OpenAI's words: which parameter, and a code that programs can tell."""

    def __init__(self, status: int, message: str, param: str = "", code: str = "") -> None:
        super().__init__(status, message)
        self.param = param or None
        self.code = code or None


class OpenAIRoute(APIRoute):
    """A route whose errors have the form that OpenAI's clients read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                return await handle(request)
            except HTTPException as problem:
                return JSONResponse(_error(problem), problem.status_code, problem.headers)

        return answer


router = APIRouter(prefix="/v1", route_class=OpenAIRoute)


@router.get("/models")
async def models(request: Request) -> dict[str, Any]:
    """The model that is served, by its task, and by its version for whoever wants no other."""
    served: Served = request.app.state.served
    facts = {"object": "model", "created": 0, "owned_by": "user"}
    return {"object": "list", "data": [{"id": name, **facts} for name in _names(served)]}


@router.post("/chat/completions")
async def chat_completions(request: Request) -> Response:
    """The next message of a conversation, whole or in pieces."""
    served: Served = request.app.state.served
    asked = await _read(request, ChatRequest)
    model: Generator = served.service.ready()
    try:
        ids = model.encode_chat([message.plain() for message in asked.messages])
    except ValueError as error:
        raise Refusal(400, str(error), "messages") from None
    return await _answer(request, model, asked, ids, ChatForm(asked, served))


@router.post("/completions")
async def completions(request: Request) -> Response:
    """What follows a text, whole or in pieces."""
    served: Served = request.app.state.served
    asked = await _read(request, CompletionRequest)
    model: Generator = served.service.ready()
    try:
        ids = model.encode_text(asked.prompt)
    except ValueError as error:
        raise Refusal(400, str(error), "prompt") from None
    return await _answer(request, model, asked, ids, CompletionForm(asked, served))


class CompletionForm:
    """What an answer looks like."""

    whole = "text_completion"
    part = "text_completion"
    prefix = "cmpl-"

    def __init__(self, asked: ChatRequest | CompletionRequest, served: Served) -> None:
        self.facts = {
            "id": self.prefix + secrets.token_hex(12),
            "created": int(time.time()),
            "model": asked.model or _names(served)[0],
            "system_fingerprint": served.manifest["version"],
        }

    def choice(self, text: str) -> dict[str, Any]:
        return {"text": text}

    def delta(self, text: str) -> dict[str, Any]:
        return {"text": text}

    def body(self, text: str, finish: Finish | None, usage: dict[str, int]) -> dict[str, Any]:
        choice = {"index": 0, **self.choice(text), "finish_reason": finish, "logprobs": None}
        return {"object": self.whole, **self.facts, "choices": [choice], "usage": usage}

    def chunk(self, text: str, finish: Finish | None = None) -> dict[str, Any]:
        choice = {"index": 0, **self.delta(text), "finish_reason": finish, "logprobs": None}
        return {"object": self.part, **self.facts, "choices": [choice]}

    def opening(self) -> list[dict[str, Any]]:
        return []

    def total(self, usage: dict[str, int]) -> dict[str, Any]:
        return {"object": self.part, **self.facts, "choices": [], "usage": usage}


class ChatForm(CompletionForm):
    whole = "chat.completion"
    part = "chat.completion.chunk"
    prefix = "chatcmpl-"

    def choice(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text, "refusal": None}}

    def delta(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text} if text else {}}

    def opening(self) -> list[dict[str, Any]]:
        first = self.chunk("")
        first["choices"][0]["delta"] = {"role": "assistant", "content": ""}
        return [first]


class EventStream(StreamingResponse):
    """Server-sent events of an answer, which ends when the client leaves."""

    def __init__(self, events: AsyncIterator[str], stream: Stream, service: Service) -> None:
        super().__init__(events, media_type="text/event-stream")
        self.stream = stream
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with measured(self.service):
            try:
                await super().__call__(scope, receive, send)
            finally:
                self.stream.close()


async def _read(request: Request, kind: type[Asked]) -> Asked:
    served: Served = request.app.state.served
    body = await read_body(request, served.max_body)
    try:
        asked = kind.model_validate_json(body)
    except ValidationError as error:
        raise _refuse(error) from None
    if asked.model and asked.model not in _names(served):
        message = f"The model {asked.model!r} is not served here; {_names(served)[0]!r} is."
        raise Refusal(404, message, "model", "model_not_found")
    return asked


async def _answer(
    request: Request,
    model: Generator,
    asked: ChatRequest | CompletionRequest,
    ids: Sequence[int],
    form: CompletionForm,
) -> Response:
    service: Service = request.app.state.served.service
    try:
        stream = Stream(model.engine, ids, _sampling(model, asked, ids))
    except Full:
        raise busy("Too many requests are waiting; try again in a moment.") from None
    if asked.stream:
        events = _events(stream, form, len(ids), asked.stream_options.include_usage)
        return EventStream(events, stream, service)
    with measured(service):
        try:
            text, last = await unless_left(request, _whole(stream))
        finally:
            stream.close()
    return JSONResponse(form.body(text, last.finish, _usage(len(ids), last.tokens)))


def _sampling(
    model: Generator, asked: ChatRequest | CompletionRequest, ids: Sequence[int]
) -> Sampling:
    try:
        room = model.room(ids)
    except ValueError as error:
        raise Refusal(400, str(error), code="context_length_exceeded") from None
    return Sampling(
        max_tokens=min(room, asked.limit or room),
        temperature=asked.temperature,
        top_p=asked.top_p,
        top_k=asked.top_k,
        seed=asked.seed,
        stop=asked.stops,
    )


async def _whole(stream: Stream) -> tuple[str, Piece]:
    text = ""
    async for piece in stream:
        text += piece.text
        last = piece
    return text, last


async def _events(
    stream: Stream, form: CompletionForm, prompt_tokens: int, with_usage: bool
) -> AsyncIterator[str]:
    for chunk in form.opening():
        yield _event(chunk)
    tokens = 0
    try:
        async for piece in stream:
            tokens = piece.tokens
            if piece.text:
                yield _event(form.chunk(piece.text))
            if piece.finish:
                yield _event(form.chunk("", piece.finish))
    except Exception:
        log.exception("Generation failed.")
        yield _event(_error(Problem(500, "The model failed; the server's log says more.")))
        return
    if with_usage:
        yield _event(form.total(_usage(prompt_tokens, tokens)))
    yield "data: [DONE]\n\n"


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content)}\n\n"


def _usage(prompt: int, answer: int) -> dict[str, int]:
    return {
        "prompt_tokens": prompt,
        "completion_tokens": answer,
        "total_tokens": prompt + answer,
    }


def _names(served: Served) -> tuple[str, str]:
    return served.manifest["task"], served.manifest["version"]


def _refuse(error: ValidationError) -> Refusal:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return Refusal(400, f"The body is no JSON: {first['msg']}.")
    param = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        return Refusal(400, f"{param} is not supported.", param, "unsupported_parameter")
    message = first["msg"].removeprefix("Value error, ")
    return Refusal(400, f"{param}: {message}." if param else f"{message}.", param)


def _error(problem: HTTPException) -> dict[str, Any]:
    status = problem.status_code
    kind = KINDS.get(status, "invalid_request_error" if status < 500 else "server_error")
    param, code = getattr(problem, "param", None), getattr(problem, "code", None)
    return {"error": {"message": problem.detail, "type": kind, "param": param, "code": code}}
