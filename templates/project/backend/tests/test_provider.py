"""What the worker makes of a model folder's commands."""

from pathlib import Path

import pytest

from app.core.settings import Settings
from app.worker import provider
from app.worker.arguments import options, source
from app.worker.provider import Provider, ProviderError, parse


def make(folder: Path, code: str, settings: Settings) -> Provider:
    """A model folder whose commands do this."""
    (folder / "cloud.py").write_text(f"import json, os, sys, time\n{code}")
    return Provider(folder, settings)


async def test_error_is_the_last_sentence(tmp_path: Path, settings: Settings) -> None:
    code = "sys.exit(print('error: One.\\nwarning: x\\nerror: Two.', file=sys.stderr) or 2)"
    with pytest.raises(ProviderError, match=r"^Two\.$") as refusal:
        await make(tmp_path, code, settings).describe()
    assert refusal.value.is_final


async def test_crash_names_the_command(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(ProviderError, match=r"cloud.py describe ended with code 1: ZeroDivision"):
        await make(tmp_path, "1 / 0", settings).describe()


async def test_output_is_read_to_its_end(tmp_path: Path, settings: Settings) -> None:
    slow = "for part in ('{\"a\"', ':', ' 2}'): print(part, end='', flush=True); time.sleep(0.1)"
    assert await make(tmp_path, slow, settings).describe() == {"a": 2}


async def test_output_has_a_limit(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "OUTPUT", 1000)
    endless = "while True: print('x' * 1000)"
    with pytest.raises(ProviderError, match=r"cloud.py describe printed more than 1,000 bytes."):
        await make(tmp_path, endless, settings).describe()


async def test_short_commands_have_a_limit_of_time(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "CANCEL", 0.3)
    with pytest.raises(ProviderError, match=r"cloud.py cancel took longer than 0.3 s."):
        await make(tmp_path, "time.sleep(60)", settings).cancel("x")


async def test_log_keeps_its_end(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "LOG", 100)
    log = await make(tmp_path, "print('x' * 1_000_000 + 'end')", settings).logs("x")
    assert (len(log), log[-4:]) == (100, "end\n")


async def test_watching_goes_on_where_it_broke_off(tmp_path: Path, settings: Settings) -> None:
    code = """
after = int(sys.argv[-1])
for line in range(after + 1, min(after + 3, 6)):
    print(json.dumps({"line": line, "event": {"event": "step"}}), flush=True)
if after < 4:
    os.kill(os.getpid(), 9)
print(json.dumps({"status": {"state": "finished"}}))
"""
    items = [item async for item in make(tmp_path, code, settings).watch("x", 0)]
    assert [item["line"] for item in items[:-1]] == [1, 2, 3, 4, 5]
    assert items[-1] == {"status": {"state": "finished"}}


async def test_secrets_stay_here(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SUPABASE_SECRET_KEY", "secret")
    monkeypatch.setenv("HF_TOKEN", "token")
    code = "print(json.dumps(dict(os.environ)))"
    environment = await make(tmp_path, code, settings).describe()
    assert "secret" not in environment.values()
    assert environment["HF_TOKEN"] == "token"


def test_json_is_what_postgres_takes() -> None:
    assert parse(b'{"loss": NaN, "text": "a\\u0000b"}') == {"loss": None, "text": "ab"}


def test_options_are_one_word_each() -> None:
    settings = {"learning_rate": 0.1, "bf16": False, "note": "--resume", "limit": None}
    assert options(settings) == ["--learning-rate=0.1", "--no-bf16", "--note=--resume"]


def test_columns_are_pairs_where_their_names_are_plain() -> None:
    assert source("a.csv", {"text": "my text"}) == ["--data=a.csv", "--columns", "text=my text"]
    assert source("a.csv", {"text": "a,b"}) == ["--data=a.csv", '--columns={"text": "a,b"}']
