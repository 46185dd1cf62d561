"""Function calls: inputs wait, are given to containers, tried again, cancelled; outputs are kept."""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from tests.fake_modal.functions import Functions

SUCCESS = pb.GenericResult.GENERIC_STATUS_SUCCESS
FAILURE = pb.GenericResult.GENERIC_STATUS_FAILURE
TERMINATED = pb.GenericResult.GENERIC_STATUS_TERMINATED
POLL = 0.02  # seconds


@dataclass
class Input:
    id: str
    index: int
    call_id: str
    content: pb.FunctionInput
    retries: int = 0
    output: pb.FunctionGetOutputsItem | None = None


@dataclass
class Call:
    id: str
    function_id: str
    inputs: list[Input] = field(default_factory=list)
    is_cancelled: bool = False
    data_in: list[pb.DataChunk] = field(default_factory=list)  # of a web request
    data_out: list[pb.DataChunk] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return all(entry.output for entry in self.inputs)


class Calls(Functions):
    def __init__(self) -> None:
        super().__init__()
        self.calls: dict[str, Call] = {}
        self.inputs: dict[str, Input] = {}
        self.waiting: defaultdict[str, list[Input]] = defaultdict(list)  # by function
        self._call_ids = itertools.count(1)
        self._input_ids = itertools.count(1)

    async def ensure_container(self, function_id: str) -> None:
        raise NotImplementedError

    def interrupt(self, entry: Input, terminate: bool) -> None:
        """Tell the container that works on it, if one does; else it is over."""
        raise NotImplementedError

    def begin(self, function_id: str) -> Call:
        call = Call(f"fc-{next(self._call_ids)}", function_id)
        self.calls[call.id] = call
        return call

    async def enqueue(self, call: Call, content: pb.FunctionInput, index: int) -> Input:
        entry = Input(f"in-{next(self._input_ids)}", index, call.id, content)
        self.inputs[entry.id] = entry
        call.inputs.append(entry)
        self.waiting[call.function_id].append(entry)
        await self.ensure_container(call.function_id)
        return entry

    async def finish(self, entry: Input, result: pb.GenericResult, data_format: int = 0) -> None:
        """The end of an attempt: an answer for good, or another attempt."""
        call = self.calls[entry.call_id]
        policy = self.functions[call.function_id].definition.retry_policy
        may_retry = result.status not in (SUCCESS, TERMINATED) and not call.is_cancelled
        if may_retry and entry.retries < policy.retries:
            entry.retries += 1
            await self.again(entry)
        else:
            entry.output = pb.FunctionGetOutputsItem(
                idx=entry.index,
                input_id=entry.id,
                result=result,
                data_format=data_format,  # type: ignore[arg-type]
                retry_count=entry.retries,
            )

    async def again(self, entry: Input) -> None:
        function_id = self.calls[entry.call_id].function_id
        self.waiting[function_id].append(entry)
        await self.ensure_container(function_id)

    async def FunctionMap(self, request: pb.FunctionMapRequest) -> Any:
        call = self.begin(request.function_id)
        items = [await self._put(call, item) for item in request.pipelined_inputs]
        return pb.FunctionMapResponse(
            function_call_id=call.id,
            pipelined_inputs=items,
            function_call_jwt=call.id,
            retry_policy=self.functions[request.function_id].definition.retry_policy,
            max_inputs_outstanding=1000,
        )

    async def FunctionPutInputs(self, request: pb.FunctionPutInputsRequest) -> Any:
        call = self.calls[request.function_call_id]
        items = [await self._put(call, item) for item in request.inputs]
        return pb.FunctionPutInputsResponse(inputs=items)

    async def _put(
        self, call: Call, item: pb.FunctionPutInputsItem
    ) -> pb.FunctionPutInputsResponseItem:
        entry = await self.enqueue(call, item.input, item.idx)
        return pb.FunctionPutInputsResponseItem(
            idx=entry.index, input_id=entry.id, input_jwt=entry.id
        )

    def FunctionCallFromId(self, request: pb.FunctionCallFromIdRequest) -> Any:
        call = self._call(request.function_call_id)
        return pb.FunctionCallFromIdResponse(function_call_id=call.id, num_inputs=len(call.inputs))

    async def FunctionGetOutputs(self, request: pb.FunctionGetOutputsRequest) -> Any:
        call = self._call(request.function_call_id)
        end = time.monotonic() + request.timeout
        while not any(entry.output for entry in call.inputs) and time.monotonic() < end:
            await asyncio.sleep(POLL)
        return pb.FunctionGetOutputsResponse(
            outputs=[entry.output for entry in call.inputs if entry.output],
            num_unfinished_inputs=sum(entry.output is None for entry in call.inputs),
            last_entry_id="1",
        )

    async def FunctionCallCancel(self, request: pb.FunctionCallCancelRequest) -> Empty:
        await self.cancel(self._call(request.function_call_id), request.terminate_containers)
        return Empty()

    async def cancel(self, call: Call, terminate: bool = False) -> None:
        call.is_cancelled = True
        for entry in call.inputs:
            if entry in self.waiting[call.function_id]:
                self.waiting[call.function_id].remove(entry)
                await self.finish(entry, pb.GenericResult(status=TERMINATED))
            elif entry.output is None:
                self.interrupt(entry, terminate)

    async def FunctionCallGetDataIn(
        self, request: pb.FunctionCallGetDataRequest
    ) -> AsyncIterator[pb.DataChunk]:
        call = self._call(request.function_call_id)
        for chunk in call.data_in[request.last_index :]:
            yield chunk
        while not call.is_over:
            await asyncio.sleep(POLL)

    def FunctionCallPutDataOut(self, request: pb.FunctionCallPutDataRequest) -> Empty:
        self._call(request.function_call_id).data_out.extend(request.data_chunks)
        return Empty()

    def _call(self, call_id: str) -> Call:
        if call_id not in self.calls:
            raise GRPCError(Status.NOT_FOUND, f"No function call {call_id}.")
        return self.calls[call_id]
