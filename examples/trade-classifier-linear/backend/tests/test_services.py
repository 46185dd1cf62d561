"""What `python -m app.dev` watches over: lines with names, an end that leaves nothing running."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from app.core.settings import Settings
from app.local.services import Family, Service
from app.local.web import NEXT, web_service

PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


async def until_said(capsys: pytest.CaptureFixture[str]) -> str:
    async with asyncio.timeout(20):
        while not (said := capsys.readouterr().out):
            await asyncio.sleep(0.05)
    return said


def is_alive(process: int) -> bool:
    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def test_the_children_of_a_service_end_with_it(capsys: pytest.CaptureFixture[str]) -> None:
    service = Family("web", [sys.executable, "-c", PARENT])
    running = asyncio.create_task(service.run())
    name, _, child = (await until_said(capsys)).partition(" | ")
    async with asyncio.timeout(10):  # long before the time that a process gets to end is over
        await service.stop()
        await running
    assert name.strip() == "web"
    async with asyncio.timeout(10):  # a process takes a moment to die of its signal
        while is_alive(int(child)):
            await asyncio.sleep(0.01)


async def test_a_service_is_told_its_folder_and_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = "import os, time; print(os.getcwd(), os.environ['A'], flush=True); time.sleep(60)"
    service = Service("web", [sys.executable, "-c", code], tmp_path, {"A": "b"})
    running = asyncio.create_task(service.run())
    assert (await until_said(capsys)).endswith(f" | {tmp_path} b\n")
    await service.stop()
    await running


def test_pages_are_started_where_they_are_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings.model_construct(web_dir=tmp_path, port=8123, web_port=3123)
    assert web_service(settings) is None
    (tmp_path / "package.json").touch()
    assert web_service(settings) is None
    assert "make setup" in capsys.readouterr().out
    (tmp_path / NEXT).parent.mkdir(parents=True)
    (tmp_path / NEXT).touch()
    monkeypatch.setattr("app.local.web._find_node", lambda: "node")
    service = web_service(settings)
    assert service is not None
    assert list(service.command)[-5:] == ["dev", "--hostname", "127.0.0.1", "--port", "3123"]
    assert service.environment["ML_API_URL"] == "http://127.0.0.1:8123"
