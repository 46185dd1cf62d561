"""Apps: created, published, kept alive by their client, stopped."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.empty_pb2 import Empty
from grpclib import GRPCError, Status
from modal_proto import api_pb2 as pb

WITHOUT_CLIENT = (pb.APP_STATE_DETACHED, pb.APP_STATE_DETACHED_DISCONNECTED, pb.APP_STATE_DEPLOYED)
OVER = (pb.APP_STATE_STOPPED, pb.APP_STATE_STOPPING)


@dataclass
class App:
    id: str
    description: str
    state: "pb.AppState.ValueType"
    name: str = ""
    functions: dict[str, str] = field(default_factory=dict)
    classes: dict[str, str] = field(default_factory=dict)
    created: float = field(default_factory=time.time)
    heard: float = field(default_factory=time.monotonic)
    stopped: float = 0.0

    @property
    def is_over(self) -> bool:
        return self.state in OVER


class Apps:
    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self.apps: dict[str, App] = {}

    def stop(self, app: App) -> None:
        """Overridden by what knows of the containers."""
        app.state, app.stopped = pb.APP_STATE_STOPPED, time.time()

    def has_work(self, app: App) -> bool:
        raise NotImplementedError

    def deployed(self, name: str) -> App | None:
        found = [app for app in self.apps.values() if app.name == name]
        alive = [app for app in found if app.state == pb.APP_STATE_DEPLOYED]
        return alive[-1] if alive else None

    def collect(self, patience: float) -> None:
        """Stop the apps that nobody needs any more, as Modal does."""
        for app in self.apps.values():
            if not app.is_over and self._is_abandoned(app, patience):
                self.stop(app)

    def _is_abandoned(self, app: App, patience: float) -> bool:
        is_silent = time.monotonic() - app.heard > patience
        if app.state not in WITHOUT_CLIENT:
            return is_silent
        is_left = app.state == pb.APP_STATE_DETACHED_DISCONNECTED or (
            app.state == pb.APP_STATE_DETACHED and is_silent
        )
        return is_left and not self.has_work(app)

    def AppCreate(self, request: pb.AppCreateRequest) -> Any:
        # Modal's ids have 22 letters and digits; its command line tells them from names by that.
        app = App(f"ap-{next(self._ids):022d}", request.description, request.app_state)
        self.apps[app.id] = app
        page = f"http://127.0.0.1/apps/{app.id}"
        return pb.AppCreateResponse(app_id=app.id, app_page_url=page)

    def AppGetByDeploymentName(self, request: pb.AppGetByDeploymentNameRequest) -> Any:
        app = self.deployed(request.name)
        return pb.AppGetByDeploymentNameResponse(
            app_id=app.id if app else "", environment_name="main"
        )

    def AppGetLifecycle(self, request: pb.AppGetLifecycleRequest) -> Any:
        app = self.apps.get(request.app_id)
        if app is None:
            raise GRPCError(Status.NOT_FOUND, f"No app {request.app_id}.")
        facts = pb.AppLifecycle(app_state=app.state, stopped_at=app.stopped)
        return pb.AppGetLifecycleResponse(lifecycle=facts)

    def AppPublish(self, request: pb.AppPublishRequest) -> Any:
        app = self.apps[request.app_id]
        app.functions, app.classes = dict(request.function_ids), dict(request.class_ids)
        app.state, app.name = request.app_state, request.name or app.name
        return pb.AppPublishResponse(url="http://127.0.0.1/", deployed_at=time.time())

    def AppList(self, request: pb.AppListRequest) -> Any:
        items = [
            pb.AppListResponse.AppListItem(
                app_id=app.id,
                description=app.name or app.description,
                name=app.name,
                state=app.state,
                created_at=app.created,
                stopped_at=app.stopped,
                n_running_tasks=int(self.has_work(app)),
            )
            for app in self.apps.values()
        ]
        return pb.AppListResponse(apps=items)

    def AppHeartbeat(self, request: pb.AppHeartbeatRequest) -> Empty:
        self.apps[request.app_id].heard = time.monotonic()
        return Empty()

    def AppClientDisconnect(self, request: pb.AppClientDisconnectRequest) -> Empty:
        app = self.apps[request.app_id]
        if app.state == pb.APP_STATE_DETACHED:
            app.state = pb.APP_STATE_DETACHED_DISCONNECTED
        elif not app.is_over:
            self.stop(app)
        return Empty()

    def AppStop(self, request: pb.AppStopRequest) -> Empty:
        self.stop(self.apps[request.app_id])
        return Empty()
