"""Routes gRPC requests to methods of the same name, and keeps a trace of them."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from contextvars import ContextVar
from typing import Any

import grpclib.const
import grpclib.server
from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

SERVICE = pb.DESCRIPTOR.services_by_name["ModalClient"]
CARDINALITY = {
    False: grpclib.const.Cardinality.UNARY_UNARY,
    True: grpclib.const.Cardinality.UNARY_STREAM,
}
MINUTE = 60  # seconds
TASK_HEADER = "x-fake-task"  # a container says with it which one it is

current_task: ContextVar[str] = ContextVar("current_task", default="")
Observer = Callable[[str, Any], None]


class Router:
    """What grpclib serves: every method of the service, the unknown ones with UNIMPLEMENTED."""

    def __init__(self, targets: Sequence[object], observe: Observer) -> None:
        self._targets = targets
        self._observe = observe
        self.slow: set[str] = set()  # methods that take a minute

    def __mapping__(self) -> dict[str, grpclib.const.Handler]:
        return {
            f"/{SERVICE.full_name}/{name}": grpclib.const.Handler(
                self._handler(name),
                CARDINALITY[method.server_streaming],
                method.input_type._concrete_class,
                method.output_type._concrete_class,
            )
            for name, method in SERVICE.methods_by_name.items()
        }

    def _handler(self, name: str) -> Callable[[grpclib.server.Stream[Any, Any]], Any]:
        found = (getattr(target, name, None) for target in self._targets)
        function = next(filter(None, found), None)

        async def handle(stream: grpclib.server.Stream[Any, Any]) -> None:
            request = await stream.recv_message()
            task = str(dict(stream.metadata or {}).get(TASK_HEADER, ""))
            current_task.set(task)
            if not task:
                self._observe(name, request)
            if name in self.slow:
                await asyncio.sleep(MINUTE)
            if function is None:
                raise GRPCError(Status.UNIMPLEMENTED, f"The fake has no {name}.")
            await _answer(stream, function(request))

        return handle


async def _answer(stream: grpclib.server.Stream[Any, Any], answer: Any) -> None:
    if isinstance(answer, AsyncIterator):
        async for message in answer:
            await stream.send_message(message)
        return
    if inspect.isawaitable(answer):  # a client that dies meanwhile does not undo what it asked for
        answer = await asyncio.shield(answer)
    await stream.send_message(answer)
