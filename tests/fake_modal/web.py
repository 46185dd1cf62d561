"""What is reached over HTTP: the blocks of volumes, and the web endpoints of functions."""

import asyncio
import pickle
from typing import Any

from aiohttp import web
from google.protobuf.message import Message
from modal_proto import api_pb2 as pb

from tests.fake_modal.calls import POLL, Call, Calls
from tests.fake_modal.volumes import Blocks


class Web:
    def __init__(self, blocks: Blocks, calls: Calls) -> None:
        self._blocks = blocks
        self._calls = calls

    async def start(self) -> tuple[web.AppRunner, str]:
        app = web.Application(client_max_size=1 << 30)
        app.router.add_put("/blocks", self._put_block)
        app.router.add_get("/blocks/{digest}", self._get_block)
        app.router.add_route("*", "/web/{function}{method:(/[^/]*)?}{path:.*}", self._call)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"

    async def _put_block(self, request: web.Request) -> web.Response:
        return web.Response(text=self._blocks.put(await request.read()))

    async def _get_block(self, request: web.Request) -> web.Response:
        return web.Response(body=self._blocks.get(request.match_info["digest"]))

    async def _call(self, request: web.Request) -> web.Response:
        """One request is one input, its body goes in and its answer comes out as data chunks."""
        call = self._calls.begin(request.match_info["function"])
        body = pb.Asgi(http_request=pb.Asgi.HttpRequest(body=await request.read()))
        call.data_in = [_chunk(body, 1)]
        content = pb.FunctionInput(
            args=pickle.dumps(((_scope(request),), {})),
            data_format=pb.DATA_FORMAT_PICKLE,
            method_name=request.match_info["method"].strip("/"),
        )
        await self._calls.enqueue(call, content, 0)
        while not call.is_over:
            await asyncio.sleep(POLL)
        return _response(call)


def _scope(request: web.Request) -> dict[str, Any]:
    return {
        "type": "http",
        "method": request.method,
        "path": request.match_info["path"] or "/",
        "query_string": request.query_string.encode(),
        "headers": [
            (name.lower().encode(), value.encode()) for name, value in request.headers.items()
        ],
        "http_version": "1.1",
        "scheme": "https",
        "client": ("127.0.0.1", 1),
    }


def _chunk(message: Message, index: int) -> pb.DataChunk:
    content = message.SerializeToString()
    return pb.DataChunk(data_format=pb.DATA_FORMAT_ASGI, data=content, index=index)


def _response(call: Call) -> web.Response:
    messages = [pb.Asgi.FromString(chunk.data) for chunk in call.data_out]
    start = next(
        (m.http_response_start for m in messages if m.HasField("http_response_start")), None
    )
    if start is None:
        output = call.inputs[0].output
        return web.Response(status=500, text=output.result.exception if output else "")
    names, values = start.headers[::2], start.headers[1::2]
    headers = {
        name.decode(): value.decode()
        for name, value in zip(names, values, strict=True)
        if name.lower() != b"content-length"
    }
    body = b"".join(message.http_response_body.body for message in messages)
    return web.Response(status=start.status, headers=headers, body=body)
