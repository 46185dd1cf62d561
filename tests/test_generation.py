"""Generation in batches that requests join and leave: `pytest -m slow`."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.generation import Full, Piece, Sampling, answer
from tests.tiny import read_trades, save_tiny_generator

pytest.importorskip("torch")
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

from core.batch_engine import BatchEngine
from core.decoding import Decoder, EncoderDecoder, Prompt
from core.detokenizer import Detokenizer
from core.sampling import Sampler

pytestmark = pytest.mark.slow

ARCHITECTURES = ["llama", "gpt2", "t5", "bart"]
Made = tuple[Any, Any]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Made]:
    """Model and tokenizer of an architecture."""
    folder = tmp_path_factory.mktemp("models")

    def made(architecture: str) -> Made:
        path = folder / architecture
        if not path.exists():
            save_tiny_generator(path, architecture)
        encodes = architecture in ("t5", "bart")
        kind = AutoModelForSeq2SeqLM if encodes else AutoModelForCausalLM
        return kind.from_pretrained(path).eval(), AutoTokenizer.from_pretrained(path)

    return made


def network(model: Any) -> Any:
    return EncoderDecoder(model) if model.config.is_encoder_decoder else Decoder(model)


@pytest.fixture
def engine(made: Callable[[str], Made]) -> Iterator[Callable[..., BatchEngine]]:
    started = []

    def engine(architecture: str = "llama", **options: Any) -> BatchEngine:
        model, tokenizer = made(architecture)
        engine = BatchEngine(network(model), tokenizer, ends=[1], **options)
        started.append(engine)
        return engine

    yield engine
    for one in started:
        one.close()


def texts(tokenizer: Any) -> list[list[int]]:
    """Of quite different lengths."""
    rows = sorted((row["text"] for row in read_trades()[:40]), key=len)
    ids: list[list[int]] = tokenizer(rows[::4])["input_ids"]
    return ids


def alone(model: Any, tokenizer: Any, ids: list[int], tokens: int) -> str:
    """What transformers itself answers."""
    out = model.generate(
        torch.tensor([ids]), max_new_tokens=tokens, do_sample=False, pad_token_id=0, eos_token_id=1
    )[0]
    new = out[1:] if model.config.is_encoder_decoder else out[len(ids) :]
    text: str = tokenizer.decode(new, skip_special_tokens=True)
    return text


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_answers_are_those_of_transformers_whoever_joins(
    engine: Callable[..., BatchEngine], made: Callable[[str], Made], architecture: str
) -> None:
    model, tokenizer = made(architecture)
    questions = texts(tokenizer)
    lengths = [3 + 4 * number for number in range(len(questions))]
    expected = [
        alone(model, tokenizer, ids, tokens) for ids, tokens in zip(questions, lengths, strict=True)
    ]
    running = engine(architecture, slots=4)
    given: list[queue.SimpleQueue[Any]] = []
    for ids, tokens in zip(questions, lengths, strict=True):  # each joins those before
        given.append(queue.SimpleQueue())
        running.submit(ids, Sampling(tokens), given[-1].put)
        time.sleep(0.005)
    assert [read(pieces)[0] for pieces in given] == expected


def read(pieces: "queue.SimpleQueue[Any]") -> tuple[str, Piece]:
    text = ""
    while True:
        piece = pieces.get(timeout=30)
        assert isinstance(piece, Piece)
        text += piece.text
        if piece.finish:
            return text, piece


def test_a_learnt_prompt_stands_before_every_text(made: Callable[[str], Made]) -> None:
    model, tokenizer = made("llama")
    questions = texts(tokenizer)
    vectors = model.get_input_embeddings().weight[5:9].detach()  # as if four tokens were read first
    before = Decoder(model, Prompt(vectors=vectors)).start(questions)
    cache = model(torch.tensor([[5, 6, 7, 8]])).past_key_values
    layers = [(layer.keys.detach(), layer.values.detach()) for layer in cache.layers]
    prefixed = Decoder(model, Prompt(layers=layers)).start(questions)
    plain = [Decoder(model).start([[5, 6, 7, 8, *ids]]).logits[0] for ids in questions]
    torch.testing.assert_close(before.logits, torch.stack(plain), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(prefixed.logits, torch.stack(plain), atol=1e-5, rtol=1e-4)


def test_a_stop_text_ends_the_answer_and_is_not_in_it(
    engine: Callable[..., BatchEngine], made: Callable[[str], Made]
) -> None:
    model, tokenizer = made("llama")
    (ids, *_) = texts(tokenizer)
    whole = alone(model, tokenizer, ids, 30)
    stop = whole[10:14]
    (text,) = answer(engine(), [(ids, Sampling(30, stop=(stop,)))])
    assert text == whole[: whole.index(stop)]


def test_a_seed_gives_the_same_answer(
    engine: Callable[..., BatchEngine], made: Callable[[str], Made]
) -> None:
    _, tokenizer = made("llama")
    (ids, *_) = texts(tokenizer)
    running = engine()
    seeded = [(ids, Sampling(20, temperature=1.0, seed=seed)) for seed in (1, 1, 2)]
    first, again, other = answer(running, seeded)
    assert first == again != other


def test_who_leaves_makes_room(
    engine: Callable[..., BatchEngine], made: Callable[[str], Made]
) -> None:
    _, tokenizer = made("llama")
    (ids, *_) = texts(tokenizer)
    running = engine(slots=1, waiting=1)
    begun = threading.Event()
    leave = running.submit(ids, Sampling(100_000), lambda piece: begun.set())
    assert begun.wait(30)
    pieces: queue.SimpleQueue[Any] = queue.SimpleQueue()
    running.submit(ids, Sampling(2), pieces.put)
    with pytest.raises(Full):
        running.submit(ids, Sampling(2), pieces.put)
    leave()
    assert read(pieces)[1].tokens == 2


def test_a_network_that_fails_says_so_and_answers_the_next(
    engine: Callable[..., BatchEngine], made: Callable[[str], Made]
) -> None:
    _, tokenizer = made("llama")
    (ids, *_) = texts(tokenizer)
    running = engine()
    with pytest.raises(IndexError):
        answer(running, [([10**6], Sampling(2))])
    assert answer(running, [(ids, Sampling(2))])


@pytest.mark.parametrize("text", ["Schweißer 👷🏽 biegt Röhren", "  a  b\n\n c ", "é" * 5])
def test_characters_come_whole(made: Callable[[str], Made], text: str) -> None:
    _, tokenizer = made("llama")
    stream = Detokenizer(tokenizer)
    pieces = [stream.add(token) for token in tokenizer(text)["input_ids"]] + [stream.rest()]
    assert "".join(pieces) == text
    assert not any("\N{REPLACEMENT CHARACTER}" in piece for piece in pieces)


def test_only_likely_tokens_are_drawn() -> None:
    logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log()
    cases: list[tuple[dict[str, Any], set[int]]] = [
        ({"top_k": 2}, {0, 1}),
        ({"top_p": 0.75}, {0, 1}),
        ({"top_p": 0.01}, {0}),
        ({}, {0, 1, 2, 3}),
    ]
    for options, expected in cases:
        sampler = Sampler(Sampling(1, temperature=1.0, seed=0, **options))
        assert {sampler.choose(logits) for _ in range(300)} == expected
