"""Estimates of memory and time: what must hold for every model, and how far published rows are."""

import statistics
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from benchmarks.estimate import Compared, compare, errors
from benchmarks.published import read
from core.errors import UserError
from core.estimate.architecture import Architecture
from core.estimate.gpus import GPUS, Gpu, find_gpu
from core.estimate.memory_advice import advise
from core.estimate.memory_estimate import Parts, estimate_memory
from core.estimate.time_estimate import TimeEstimate, corrected, estimate_time, step_seconds
from core.estimate.training_setup import ALL_LINEAR, Method, TrainingSetup
from ml_training.model_table import CONFIGS, find_model

ML = Path(__file__).parents[1] / "templates" / "project" / "ml"
SRC = Path(__file__).parents[1] / "src"
NEAR = settings(max_examples=30, deadline=None, database=None)

models = st.sampled_from(sorted(CONFIGS)).map(cache(find_model))
gpus = st.sampled_from(GPUS)
setups = st.builds(
    TrainingSetup,
    method=st.sampled_from(["full", "lora", "qlora", "prefix", "p-tuning", "inference"]),
    rank=st.integers(1, 16),
    targets=st.sampled_from([ALL_LINEAR, ("q", "v"), ("q", "k", "v", "head")]),
    dropout=st.booleans(),
    weights=st.sampled_from(["float32", "bfloat16"]),
    autocast=st.booleans(),
    adapters=st.sampled_from(["float32", "bfloat16"]),
    master_weights=st.booleans(),
    optimizer=st.sampled_from(["adamw", "adamw-fused", "adamw-8bit", "sgd", "adafactor", "lion"]),
    checkpointing=st.booleans(),
    sequence=st.integers(1, 8192),
    micro_batch=st.integers(1, 64),
    accumulation=st.integers(1, 8),
    loss=st.sampled_from(["full", "held", "chunked", "fused"]),
    attention=st.sampled_from(["sdpa", "eager"]),
    gpus=st.sampled_from([1, 2, 4]),
    sharding=st.sampled_from(["ddp", "fsdp"]),
    keeps_quantised_inputs=st.booleans(),
)


def parts(architecture: Architecture, setup: TrainingSetup) -> Parts:
    return estimate_memory(architecture, setup).parts


def needed(architecture: Architecture, setup: TrainingSetup) -> int:
    return estimate_memory(architecture, setup).needed


@NEAR
@given(models, setups)
def test_more_to_compute_never_needs_less_memory(
    architecture: Architecture, setup: TrainingSetup
) -> None:
    least = needed(architecture, setup)
    assert needed(architecture, replace(setup, micro_batch=setup.micro_batch * 2)) >= least
    assert needed(architecture, replace(setup, sequence=setup.sequence * 2)) >= least
    assert needed(architecture, replace(setup, rank=setup.rank * 2)) >= least
    assert needed(architecture, replace(setup, accumulation=setup.accumulation + 1)) >= least


@NEAR
@given(models, setups)
def test_a_deeper_model_never_needs_less_memory(
    architecture: Architecture, setup: TrainingSetup
) -> None:
    blocks = tuple(replace(block, layers=block.layers + 1) for block in architecture.blocks)
    assert needed(replace(architecture, blocks=blocks), setup) >= needed(architecture, setup)


@NEAR
@given(models, setups)
def test_fewer_trained_or_smaller_weights_never_need_more(
    architecture: Architecture, setup: TrainingSetup
) -> None:
    def held(method: Method) -> Parts:
        chosen = replace(setup, method=method, targets=("q", "v"), accumulation=2, rank=4)
        return parts(architecture, chosen)

    def states(of: Parts) -> int:
        return of.weights + of.adapters + of.master_weights + of.optimizer + of.gradients

    assert states(held("lora")) <= states(held("full"))
    assert held("qlora").weights < held("lora").weights
    assert held("inference").total <= held("lora").total


@NEAR
@given(models, setups)
def test_checkpointing_never_needs_more(architecture: Architecture, setup: TrainingSetup) -> None:
    plain = replace(setup, checkpointing=False)
    assert needed(architecture, replace(setup, checkpointing=True)) <= needed(architecture, plain)


@NEAR
@given(models, setups)
def test_a_loss_that_holds_less_never_needs_more(
    architecture: Architecture, setup: TrainingSetup
) -> None:
    held, full, fused = (replace(setup, loss=loss) for loss in ("held", "full", "fused"))
    assert needed(architecture, fused) <= needed(architecture, full) <= needed(architecture, held)


@NEAR
@given(models, setups)
def test_sharding_over_more_gpus_never_needs_more_on_each(
    architecture: Architecture, setup: TrainingSetup
) -> None:
    few = replace(setup, sharding="fsdp", gpus=2)
    many = replace(few, gpus=8)
    assert needed(architecture, many) <= needed(architecture, few)
    assert needed(architecture, replace(few, offload=True)) <= needed(architecture, few)


@NEAR
@given(models, setups, gpus)
def test_what_is_told_agrees_with_itself(
    architecture: Architecture, setup: TrainingSetup, gpu: Gpu
) -> None:
    estimate = estimate_memory(architecture, setup)
    assert estimate.allocated == sum(getattr(estimate.parts, name) for name in Parts.__slots__)
    assert estimate.low <= estimate.needed <= estimate.high
    assert estimate.allocated <= estimate.reserved < estimate.needed
    if estimate.verdict(gpu) == "fits":
        assert estimate.high <= gpu.memory


@NEAR
@given(models, setups, gpus)
def test_advice_fits_and_keeps_the_global_batch(
    architecture: Architecture, setup: TrainingSetup, gpu: Gpu
) -> None:
    advice = advise(architecture, setup, gpu)
    assume(advice is not None)
    assert advice is not None
    assert estimate_memory(architecture, advice.setup).verdict(gpu) == "fits"
    assert advice.setup.global_batch == setup.global_batch
    assert (advice.setup == setup) == (not advice.reason)


@NEAR
@given(models, setups, gpus, st.floats(1, 4), st.floats(1, 4))
def test_a_faster_gpu_is_never_slower(
    architecture: Architecture, setup: TrainingSetup, gpu: Gpu, more: float, wider: float
) -> None:
    faster = replace(gpu, teraflops=gpu.teraflops * more, bandwidth=gpu.bandwidth * wider)
    assert step_seconds(architecture, setup, faster) <= step_seconds(architecture, setup, gpu)


@NEAR
@given(models, setups, gpus, st.integers(1, 100_000), st.floats(1, 4096))
def test_twice_the_rows_or_epochs_take_no_less_time(
    architecture: Architecture, setup: TrainingSetup, gpu: Gpu, rows: int, length: float
) -> None:
    def seconds(rows: int, epochs: float) -> float:
        return estimate_time(
            architecture, setup, gpu, rows=rows, tokens_per_row=length, epochs=epochs
        ).seconds

    assert seconds(rows * 2, 1) >= seconds(rows, 1) > 0
    assert seconds(rows, 2) == pytest.approx(2 * seconds(rows, 1))


def test_packing_short_texts_is_faster() -> None:
    model, gpu = find_model("Llama-3.2-3B"), find_gpu("A100")
    padded = TrainingSetup(sequence=4096, micro_batch=2)
    packed = replace(padded, packed=True)

    def speed(setup: TrainingSetup) -> float:
        return estimate_time(model, setup, gpu, rows=10_000, tokens_per_row=115).tokens_per_second

    assert speed(packed) > 2 * speed(padded)


def test_a_history_corrects_later_estimates_whatever_one_run_was_like() -> None:
    estimate = TimeEstimate(10, 1000, 60)
    after = corrected(estimate, [(1000, 800), (500, 400), (200, 160), (1000, 10)])
    assert after.tokens_per_second == pytest.approx(800)
    assert after.rows_per_second == pytest.approx(8)
    assert after.seconds == pytest.approx(75)
    assert after.spread < estimate.spread
    assert corrected(estimate, []) == estimate


def test_advice_changes_no_more_than_it_has_to() -> None:
    model = find_model("Llama-3.1-8B")
    setup = TrainingSetup(method="lora", sequence=2048, micro_batch=8)
    advice = advise(model, setup, find_gpu("RTX 4090"), most_gpus=1)
    assert advice is not None
    assert advice.setup.method == "lora"
    assert advice.reason == (
        "a fused loss, which never holds all logits; checkpointing, which computes each block"
        " twice; 4 at a time, added up over 2 times"
    )
    assert advise(find_model("Llama-3.1-70B"), setup, find_gpu("T4"), most_gpus=1) is None


def test_advice_keeps_to_what_may_be_changed() -> None:
    setup = TrainingSetup(method="lora", sequence=1024, micro_batch=8)
    model, gpu = find_model("Llama-3.1-8B"), find_gpu("RTX 4090")
    advice = advise(model, setup, gpu, allowed=["micro-batch", "qlora"])
    assert advice is not None
    assert (advice.setup.loss, advice.setup.checkpointing) == ("full", False)
    assert advice.setup.method == "qlora"
    assert advise(model, setup, gpu, allowed=[]) is None


def test_nobody_is_told_to_adapt_convolutions() -> None:
    setup = TrainingSetup(weights="float32", micro_batch=4096)
    advice = advise(find_model("resnet-50"), setup, find_gpu("T4"))
    assert advice is not None
    assert advice.setup.method == "full"


def test_time_for_nothing_is_refused() -> None:
    with pytest.raises(UserError, match="Nothing takes no time: 0 rows of 12 tokens"):
        estimate_time(
            find_model("gpt2"), TrainingSetup(), find_gpu("T4"), rows=0, tokens_per_row=12
        )


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("A100 SXM", "A100 80GB"),
        ("A100-80GB", "A100 80GB"),
        ("A100-SXM4-40GB", "A100 40GB"),
        ("gpu_1x_a100_sxm4", "A100 40GB"),
        ("8x H100 SXM", "H100 SXM"),
        ("H100:8", "H100 SXM"),
        ("gpu_8x_h100_sxm5", "H100 SXM"),
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("RTX4090", "RTX 4090"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("1x RTX 6000 (Quadro)", "RTX 6000"),
        ("RTX-PRO-6000", "RTX PRO 6000"),
    ],
)
def test_a_gpu_is_found_whatever_its_provider_calls_it(called: str, name: str) -> None:
    assert find_gpu(called).name == name


def test_every_gpu_that_can_be_asked_for_is_known() -> None:
    for file in (ML.parents[1] / "providers").glob("*/provider.yaml"):
        for gpu in yaml.safe_load(file.read_text("utf-8"))["gpus"]:
            find_gpu(gpu)


def test_every_base_model_of_a_task_is_known() -> None:
    for file in (ML.parents[1] / "tasks").glob("*/task.yaml"):
        task = yaml.safe_load(file.read_text("utf-8"))
        names = {algorithm.get("base_model") for algorithm in task["algorithms"]} - {None}
        if task["name"] != "image-generation":  # a pipeline of several models
            assert all(find_model(name).parameters for name in names)


def test_an_unknown_gpu_is_answered_with_those_of_a_like_name() -> None:
    with pytest.raises(UserError, match=r"No GPU 'H1000' is known: choose .*H100 SXM"):
        find_gpu("H1000")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"micro_batch": 0}, "micro_batch is 0, and has to be 1 or more."),
        ({"method": "lora", "targets": ("x",)}, "LoRA cannot adapt x: choose from q, k,"),
        ({"method": "lora", "targets": ()}, "LoRA adapts nothing"),
        ({"method": "p-tuning", "encoder_width": 0}, "encoder_width is 0"),
        ({"offload": True}, "What is not sharded cannot be offloaded"),
    ],
)
def test_a_setup_that_cannot_be_is_refused(wrong: dict[str, object], sentence: str) -> None:
    with pytest.raises(UserError, match=sentence):
        TrainingSetup(**wrong)  # type: ignore[arg-type]


def test_estimates_cost_no_library() -> None:
    """The command line starts in 70 ms: what it imports for an estimate is the standard library."""
    code = (
        "import sys; before = set(sys.modules)\n"
        "import core.estimate.memory_advice, ml_training.model_table, core.estimate.time_estimate\n"
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(names - set(sys.stdlib_module_names) - {'core', 'ml_training'}))"
    )
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path[:0] = [{str(ML)!r}, {str(SRC)!r}]\n{code}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture(scope="module")
def published() -> list[Compared]:
    return [compare(row) for row in read() if not row.excluded]


@pytest.mark.parametrize(
    ("method", "median", "mean"), [("lora", 0.05, 0.10), ("qlora", 0.05, 0.10), ("full", 1, 0.15)]
)
def test_published_memory_is_met(
    published: list[Compared], method: str, median: float, mean: float
) -> None:
    found = errors(one.memory_error for one in published if one.row.method == method)
    assert statistics.median(found) <= median
    assert statistics.mean(found) <= mean


def test_published_speed_is_met(published: list[Compared]) -> None:
    assert statistics.median(errors(one.speed_error for one in published)) <= 0.30


def test_what_ran_out_of_memory_never_fits(published: list[Compared]) -> None:
    verdicts = [one.verdict for one in published if one.row.ran_out]
    assert len(verdicts) == 4
    assert "fits" not in verdicts
