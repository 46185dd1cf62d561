"""What containers ask for: inputs, the volumes they mount, and how they tell what they have done."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from google.protobuf.empty_pb2 import Empty
from modal_proto import api_pb2 as pb

from tests.fake_modal.calls import POLL, Input
from tests.fake_modal.containers import IDLE, Container, Containers
from tests.fake_modal.rpc import current_task


class Work(Containers):
    def _asking(self) -> Container:
        return next(each for each in self.containers if each.id == current_task.get())

    def ContainerHello(self, request: Empty) -> Any:
        return Empty()

    def ContainerHeartbeat(self, request: pb.ContainerHeartbeatRequest) -> Any:
        container = self._asking()
        cancelled, container.cancelled = container.cancelled, []
        if not cancelled:
            return pb.ContainerHeartbeatResponse()
        event = pb.CancelInputEvent(input_ids=cancelled)
        return pb.ContainerHeartbeatResponse(cancel_input_event=event)

    def ContainerStop(self, request: pb.ContainerStopRequest) -> Any:
        container = next(each for each in self.containers if each.id == request.task_id)
        self.later(self.end(container))
        return pb.ContainerStopResponse()

    def FunctionGetDynamicConcurrency(self, request: Any) -> Any:
        return pb.FunctionGetDynamicConcurrencyResponse(concurrency=request.max_concurrency or 1)

    async def FunctionGetInputs(self, request: pb.FunctionGetInputsRequest) -> Any:
        container = self._asking()
        waiting = self.waiting[container.function.id]
        deadline = time.monotonic() + IDLE
        while not container.is_stopping and time.monotonic() < deadline:
            if waiting:
                return pb.FunctionGetInputsResponse(inputs=[self._give(container, waiting.pop(0))])
            await asyncio.sleep(POLL)
        if container.inputs and not container.is_stopping:
            return pb.FunctionGetInputsResponse()
        container.is_stopping = True
        last = pb.FunctionGetInputsItem(kill_switch=True)
        return pb.FunctionGetInputsResponse(inputs=[last])

    def _give(self, container: Container, entry: Input) -> pb.FunctionGetInputsItem:
        container.inputs[entry.id] = entry
        if seconds := container.function.definition.timeout_secs:
            self.later(self.limit(container, entry, seconds))
        return pb.FunctionGetInputsItem(
            input_id=entry.id,
            input=entry.content,
            function_call_id=entry.call_id,
            retry_count=entry.retries,
            function_map_idx=entry.index,
        )

    async def FunctionPutOutputs(self, request: pb.FunctionPutOutputsRequest) -> Empty:
        container = self._asking()
        for item in request.outputs:
            entry = container.inputs.pop(item.input_id)
            await self.finish(entry, item.result, item.data_format)
        return Empty()

    def TaskResult(self, request: pb.TaskResultRequest) -> Empty:
        self._asking().error = request.result
        return Empty()

    def VolumeCommit(self, request: pb.VolumeCommitRequest) -> Any:
        self._asking().views[request.volume_id].commit()
        return pb.VolumeCommitResponse(skip_reload=True)

    def VolumeReload(self, request: pb.VolumeReloadRequest) -> Empty:
        return Empty()

    async def AppGetLogs(self, request: pb.AppGetLogsRequest) -> AsyncIterator[pb.TaskLogsBatch]:
        at = int(request.last_entry_id or 0)
        log, app = self.logs[request.app_id], self.apps[request.app_id]
        while True:
            is_done = app.is_over and not self.has_work(app)
            for line in log[at:]:
                at += 1
                entry = pb.TaskLogs(data=line, file_descriptor=pb.FILE_DESCRIPTOR_STDOUT)
                yield pb.TaskLogsBatch(entry_id=str(at), items=[entry])
            if is_done:
                break
            await asyncio.sleep(POLL)
        yield pb.TaskLogsBatch(app_done=True)
