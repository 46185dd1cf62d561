"""Functions and classes: defined by an app, found by their names, varied by options."""

import itertools
from dataclasses import dataclass
from typing import Any

from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

from tests.fake_modal.apps import App, Apps

GPUS = {
    "T4",
    "L4",
    "A10",
    "A10G",
    "L40S",
    "A100",
    "A100-40GB",
    "A100-80GB",
    "RTX-PRO-6000",
    "H100",
    "H100!",
    "H200",
    "B200",
    "B200+",
}


@dataclass
class Function:
    id: str
    app_id: str
    definition: pb.Function
    ranked: list[pb.Function]  # one for each GPU of a list, the first choice first
    parameters: bytes = b""

    @property
    def web_methods(self) -> list[str]:
        methods = self.definition.method_definitions.items()
        return [name for name, method in methods if method.webhook_config.type]


class Functions(Apps):
    def __init__(self) -> None:
        super().__init__()
        self.functions: dict[str, Function] = {}
        self._apps_of: dict[str, str] = {}
        self._function_ids = itertools.count(1)
        self.without_capacity: set[str] = set()  # GPUs of which none is free
        self.url = ""

    def chosen(self, function: Function) -> pb.Function | None:
        """The definition that gets a machine: the first whose GPU is free."""
        free = (
            ranked
            for ranked in function.ranked
            if ranked.resources.gpu_config.gpu_type not in self.without_capacity
        )
        return next(free, None)

    def layout(self, app: App) -> pb.AppLayout:
        objects = [
            pb.Object(object_id=key, function_handle_metadata=self._facts(self.functions[key]))
            for key in app.functions.values()
        ]
        for key in app.functions.values():
            for dependency in self.functions[key].definition.object_dependencies:
                objects.append(_described(dependency.object_id))
        for key in app.classes.values():
            objects.append(pb.Object(object_id=key, class_handle_metadata=pb.ClassHandleMetadata()))
        return pb.AppLayout(function_ids=app.functions, class_ids=app.classes, objects=objects)

    def AppGetLayout(self, request: pb.AppGetLayoutRequest) -> Any:
        return pb.AppGetLayoutResponse(app_layout=self.layout(self.apps[request.app_id]))

    def FunctionPrecreate(self, request: pb.FunctionPrecreateRequest) -> Any:
        key = request.existing_function_id or f"fu-{next(self._function_ids)}"
        self._apps_of[key] = request.app_id
        definition = pb.Function(
            function_name=request.function_name,
            function_type=request.function_type,
            method_definitions=request.method_definitions,
            webhook_config=request.webhook_config,
        )
        function = Function(key, request.app_id, definition, [definition])
        return pb.FunctionPrecreateResponse(function_id=key, handle_metadata=self._facts(function))

    def FunctionCreate(self, request: pb.FunctionCreateRequest) -> Any:
        ranked = [entry.function for entry in request.function_data.ranked_functions]
        ranked = ranked or [request.function]
        for definition in ranked:
            _require_gpu(definition.resources.gpu_config)
        key = request.existing_function_id or f"fu-{next(self._function_ids)}"
        function = Function(key, request.app_id, ranked[0], ranked)
        self.functions[key] = function
        return pb.FunctionCreateResponse(
            function_id=key,
            function=ranked[0],
            handle_metadata=self._facts(function),
            function_data=_data(function),
        )

    def FunctionGet(self, request: pb.FunctionGetRequest) -> Any:
        app = self.deployed(request.app_name)
        key = app.functions.get(request.object_tag) if app else None
        if key is None:
            what = f"{request.app_name}.{request.object_tag}"
            raise GRPCError(Status.NOT_FOUND, f"No function {what}.")
        return pb.FunctionGetResponse(
            function_id=key,
            handle_metadata=self._facts(self.functions[key]),
            function=_data(self.functions[key]),
        )

    def FunctionBindParams(self, request: pb.FunctionBindParamsRequest) -> Any:
        base = self.functions[request.function_id]
        definition = pb.Function()
        definition.CopyFrom(base.definition)
        options = request.function_options
        if options.HasField("resources"):
            _require_gpu(options.resources.gpu_config)
            definition.resources.MergeFrom(options.resources)
        if options.HasField("timeout_secs"):
            definition.timeout_secs = options.timeout_secs
        if options.HasField("retry_policy"):
            definition.retry_policy.CopyFrom(options.retry_policy)
        key = f"fu-{next(self._function_ids)}"
        bound = Function(key, base.app_id, definition, [definition], request.serialized_params)
        self.functions[key] = bound
        return pb.FunctionBindParamsResponse(
            bound_function_id=key, handle_metadata=self._facts(bound)
        )

    def ClassCreate(self, request: pb.ClassCreateRequest) -> Any:
        return pb.ClassCreateResponse(class_id=f"cs-{next(self._function_ids)}")

    def ClassGet(self, request: pb.ClassGetRequest) -> Any:
        app = self.deployed(request.app_name)
        key = app.classes.get(request.object_tag) if app else None
        if key is None:
            raise GRPCError(Status.NOT_FOUND, f"No class {request.object_tag}.")
        return pb.ClassGetResponse(class_id=key)

    def _facts(self, function: Function) -> pb.FunctionHandleMetadata:
        definition = function.definition
        methods = {
            name: pb.FunctionHandleMetadata(
                function_name=method.function_name,
                function_type=method.function_type,
                web_url=self._web_url(function, name) if method.webhook_config.type else "",
                is_method=True,
                use_method_name=name,
                function_schema=method.function_schema,
                supported_input_formats=method.supported_input_formats,
                supported_output_formats=method.supported_output_formats,
            )
            for name, method in definition.method_definitions.items()
        }
        return pb.FunctionHandleMetadata(
            function_name=definition.function_name,
            function_type=definition.function_type,
            web_url=self._web_url(function, "") if definition.webhook_config.type else "",
            definition_id=f"de-{function.id}",
            class_parameter_info=definition.class_parameter_info,
            method_handle_metadata=methods,
            function_schema=definition.function_schema,
            supported_input_formats=definition.supported_input_formats,
            supported_output_formats=definition.supported_output_formats,
            app_id=function.app_id,
        )

    def _web_url(self, function: Function, method: str) -> str:
        return f"{self.url}/web/{function.id}/{method}".rstrip("/")


def _data(function: Function) -> pb.FunctionData:
    definition = function.definition
    return pb.FunctionData(
        module_name=definition.module_name,
        function_name=definition.function_name,
        function_type=definition.function_type,
        timeout_secs=definition.timeout_secs,
        ranked_functions=[
            pb.FunctionData.RankedFunction(rank=rank, function=ranked)
            for rank, ranked in enumerate(function.ranked)
        ],
    )


def _require_gpu(gpu: pb.GPUConfig) -> None:
    if gpu.count and gpu.gpu_type not in GPUS:
        raise GRPCError(Status.INVALID_ARGUMENT, f"Invalid GPU type {gpu.gpu_type!r}.")


def _described(key: str) -> pb.Object:
    if key.startswith("mo"):
        mount = pb.MountHandleMetadata(content_checksum_sha256_hex=key)
        return pb.Object(object_id=key, mount_handle_metadata=mount)
    if key.startswith("vo"):
        volume = pb.VolumeMetadata(version=pb.VOLUME_FS_VERSION_V2)
        return pb.Object(object_id=key, volume_metadata=volume)
    return pb.Object(object_id=key)
