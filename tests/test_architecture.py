"""Architectures from config.json: known models have the parameters that their cards say."""

from typing import Any

import pytest

from core.errors import UserError
from core.estimate.architecture_reader import read_architecture
from core.estimate.trained_parameters import trained_parameters
from core.estimate.training_setup import TrainingSetup
from ml_training.model_table import CONFIGS, find_model

LLAMA = CONFIGS["meta-llama/Llama-2-7b-hf"]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("Llama-2-7b-hf", 6_738_415_616),
        ("Llama-3.2-1B", 1_235_814_400),
        ("Mistral-7B-v0.1", 7_241_732_096),
        ("Qwen2.5-7B", 7_615_616_512),
        ("Qwen3-0.6B", 596_049_920),
        ("gemma-2-9b", 9_241_705_984),
        ("phi-2", 2_779_683_840),
        ("Phi-3-mini-4k-instruct", 3_821_079_552),
        ("Mixtral-8x7B-v0.1", 46_702_792_704),
        ("SmolLM2-135M-Instruct", 134_515_008),
        ("pythia-410m", 405_334_016),
        ("gpt2", 124_439_808),
        ("bert-base-uncased", 109_482_240),
        ("all-MiniLM-L6-v2", 22_713_216),
        ("ModernBERT-base", 149_014_272),
        ("bart-base", 139_420_416),
        ("resnet-18", 11_176_512),
        ("resnet-50", 23_508_032),
    ],
)
def test_known_models_have_their_parameters(name: str, parameters: int) -> None:
    assert find_model(name).parameters == parameters


def test_a_mixture_sends_each_token_through_a_part_of_it() -> None:
    mixture = find_model("Mixtral-8x7B-v0.1")
    assert mixture.active_parameters == 12_879_925_248
    assert find_model("gpt2").active_parameters == find_model("gpt2").parameters


@pytest.mark.parametrize(
    ("name", "rank", "targets", "trained"),
    [  # what LitGPT printed of these
        ("Llama-2-7b-hf", 8, ("q", "v"), 4_194_304),
        ("Llama-2-13b-hf", 8, ("q", "v"), 6_553_600),
        ("stablelm-base-alpha-3b", 8, ("q", "v"), 2_097_152),
        ("phi-1_5", 8, ("q", "v"), 1_572_864),
    ],
)
def test_lora_trains_what_its_rank_and_targets_say(
    name: str, rank: int, targets: tuple[str, ...], trained: int
) -> None:
    setup = TrainingSetup(method="lora", rank=rank, targets=targets)
    assert trained_parameters(find_model(name), setup) == trained


def test_what_learns_vectors_trains_little() -> None:
    small = find_model("SmolLM2-135M-Instruct")
    prefix = TrainingSetup(method="prefix", virtual_tokens=20)
    assert trained_parameters(small, prefix) == 20 * 30 * 2 * 192
    adapter = TrainingSetup(method="adapter", virtual_tokens=10)
    assert trained_parameters(find_model("Llama-2-7b-hf"), adapter) == 1_229_760
    vectors = TrainingSetup(method="p-tuning", virtual_tokens=20, encoder_width=128)
    assert trained_parameters(small, vectors) == 20 * 576 + 577 * 128 + 129 * 128 + 129 * 576


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        ({}, 'config.json: "model_type" is missing'),
        ({"model_type": "unet"}, "config.json: no estimate for model_type unet; known are"),
        ({"model_type": "resnet"}, 'config.json: "hidden_sizes" is missing for a resnet model.'),
        ({"model_type": "llama"}, 'config.json: "hidden_size" is missing for a llama model.'),
        (LLAMA | {"vocab_size": "many"}, 'config.json: "vocab_size" is "many", and has to be'),
        (LLAMA | {"hidden_size": 100}, 'config.json: "hidden_size" is 100, which'),
        (LLAMA | {"tie_word_embeddings": 1}, '"tie_word_embeddings" is "1", not true or false.'),
    ],
)
def test_an_odd_config_is_one_sentence(config: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UserError) as caught:
        read_architecture(config)
    assert sentence in str(caught.value)


def test_a_model_that_is_not_in_the_table_is_one_sentence() -> None:
    with pytest.raises(UserError, match='No sizes of "gpt-9" are known here'):
        find_model("gpt-9")
