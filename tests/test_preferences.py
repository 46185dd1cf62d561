"""What preference-tuning computes is what TRL does (`pytest -m slow`); what it asks of prompts."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ml_training.catalog import read_catalog
from tests.test_task import check
from tests.tiny import save_tiny_generator

TEMPLATES = read_catalog().root / "templates"
OWN = TEMPLATES / "tasks" / "preference-tuning"

START = """
import json, sys
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification
from adapters import new_adapters
from config import Config
from core.run import Run
from language_model import load_tokenizer

folder, output = sys.argv[1:]
config = Config(base_model=folder, data="sample.jsonl", output=output)
tokenizer = load_tokenizer(folder)
torch.manual_seed(1)

def noisy(model, spread=0.02):
    with torch.no_grad():
        for weight in model.parameters():
            weight += spread * torch.randn_like(weight)
    return model.eval()
"""

PAIRS = """
from preferences import margins
from data import load_dataset
from pairs import encode, measure

pairs = load_dataset(config).train[:12]
run = Run(config)
examples, _ = encode("sample.jsonl", pairs, tokenizer, 1024, run)
as_dicts = lambda said: [{"role": m.role, "content": m.content} for m in said]
rows = Dataset.from_list([
    {name: as_dicts(getattr(p, name)) for name in ("prompt", "chosen", "rejected")} for p in pairs
])
common = dict(output_dir=output, report_to="none", use_cpu=True, bf16=False, disable_tqdm=True)
"""

DPO = f"""{START}{PAIRS}
from peft import TaskType
from trl import DPOConfig, DPOTrainer
from model import AnswerPreference, dpo_losses

load = lambda: AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
policy, reference = noisy(load()), noisy(load())
trainer = DPOTrainer(
    policy, reference, DPOConfig(**common, beta=0.3, per_device_eval_batch_size=12),
    train_dataset=rows, eval_dataset=rows, processing_class=tokenizer,
)
theirs = trainer.evaluate()
wrap = lambda model: AnswerPreference(model, new_adapters(config, TaskType.CAUSAL_LM))
ours, base = (
    torch.tensor(measure(wrap(model), examples, tokenizer.pad_token_id, run))
    for model in (policy, reference)
)
moved = 0.3 * (ours - base)
print(json.dumps([
    [dpo_losses(ours, base, 0.3).mean().item(), theirs["eval_loss"]],
    [(moved[:, 0] - moved[:, 1]).mean().item(), theirs["eval_rewards/margins"]],
    [moved[:, 0].mean().item(), theirs["eval_rewards/chosen"]],
]))
"""

REWARD = f"""{START}{PAIRS}
from peft import TaskType
from trl import RewardConfig, RewardTrainer
from model import AnswerScorer, ranking_losses

model = noisy(AutoModelForSequenceClassification.from_pretrained(
    folder, num_labels=1, dtype=torch.float32, pad_token_id=tokenizer.pad_token_id
), 0.1)
trainer = RewardTrainer(
    model, RewardConfig(**common, per_device_eval_batch_size=12),
    train_dataset=rows, eval_dataset=rows, processing_class=tokenizer,
)
theirs = trainer.evaluate()
scorer = AnswerScorer(model, new_adapters(config, TaskType.SEQ_CLS))
scores = torch.tensor(measure(scorer, examples, tokenizer.pad_token_id, run))
print(json.dumps([
    [ranking_losses(scores).mean().item(), theirs["eval_loss"]],
    [margins(scores).mean().item(), theirs["eval_margin"]],
]))
"""

GRPO = f"""{START}
from trl import GRPOConfig, GRPOTrainer
from objective import advantages, losses

model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
settings = GRPOConfig(
    output_dir=output, report_to="none", use_cpu=True, bf16=False, beta=0.04, loss_type="dr_grpo",
    num_generations=4, per_device_train_batch_size=8, max_completion_length=16,
)
trainer = GRPOTrainer(
    model, reward_funcs=lambda completions, **_: [0.0] * len(completions), args=settings,
    train_dataset=Dataset.from_list([{{"prompt": "Which?"}}] * 8), processing_class=tokenizer,
)
trainer.current_gradient_accumulation_steps = 1
prompts, answers = torch.randint(9, 500, (8, 5)), torch.randint(9, 500, (8, 7))
mask = torch.arange(7) < torch.randint(1, 8, (8, 1))
rewards = torch.rand(2, 4)
whole, rows = torch.cat([prompts, answers], 1), torch.ones(8, 5)
whole_mask = torch.cat([rows, mask], 1)
with torch.no_grad():
    reference = noisy(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32))
    logits = reference(whole, attention_mask=whole_mask).logits[:, 4:-1]
    base = logits.log_softmax(-1).gather(2, answers.unsqueeze(2))[:, :, 0]
model.train()
theirs = trainer._compute_loss(model, dict(
    prompt_ids=prompts, prompt_mask=rows, completion_ids=answers, completion_mask=mask.long(),
    advantages=advantages(rewards).flatten(), ref_per_token_logps=base,
    num_items_in_batch=mask.sum(),
))
slope = torch.autograd.grad(theirs, model.lm_head.weight)[0]
logits = model(whole, attention_mask=whole_mask).logits[:, 4:-1]
own = logits.log_softmax(-1).gather(2, answers.unsqueeze(2))[:, :, 0]
ours = losses(own, base, mask, advantages(rewards).flatten(), 0.04, 16).mean()
own_slope = torch.autograd.grad(ours, model.lm_head.weight)[0]
print(json.dumps([
    [ours.item(), theirs.item()], [own_slope.norm().item(), slope.norm().item()],
    [(own_slope - slope).abs().max().item(), 0.0],
]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("algorithm", "script"), [("dpo", DPO), ("reward", REWARD), ("grpo", GRPO)]
)
def test_it_is_what_trl_computes(algorithm: str, script: str, tmp_path: Path) -> None:
    pytest.importorskip("trl")
    base = save_tiny_generator(tmp_path / "tiny")
    path = [OWN / algorithm, OWN, TEMPLATES / "project/ml"]
    done = subprocess.run(
        [sys.executable, "-c", script, str(base), str(tmp_path / "runs")],
        cwd=OWN,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path)), "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    pairs: list[tuple[float, float]] = json.loads(done.stdout.splitlines()[-1])
    for ours, theirs in pairs:
        # Rewards are small differences of sums of some hundred nats, in float32.
        assert ours == pytest.approx(theirs, rel=1e-4, abs=5e-6)


PROMPTS = [{"prompt": f"Question {number}?", "reference": f"{number}"} for number in range(12)]
WRONG: dict[str, tuple[dict[str, object], str, str]] = {
    "blank": ({"prompt": " ", "reference": "1"}, "prompt", "is empty"),
    "number": ({"prompt": 7, "reference": "1"}, "prompt", "is 7"),
    "answered": (
        {"prompt": [{"role": "assistant", "content": "Yes."}], "reference": "1"},
        "prompt",
        "message 1 is the assistant's where it is the user's turn",
    ),
    "gap": ({"prompt": "Which?"}, "reference", "is missing"),
    "list": ({"prompt": "Which?", "reference": ["a"]}, "reference", "no text"),
    "flag": ({"prompt": "Which?", "reference": True}, "reference", "no text"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_prompt_is_refused_by_its_row_and_column(name: str, tmp_path: Path) -> None:
    row, column, words = WRONG[name]
    lines = [json.dumps(each) for each in [*PROMPTS, row]]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    found = check(tmp_path, "--data", "a.jsonl", task="preference-tuning", algorithm="grpo", code=3)
    (problem,) = found["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == ("a.jsonl", 13, column)
    assert words in problem["message"]


def test_pairs_that_repeat_contradict_or_tell_by_length_are_noted(tmp_path: Path) -> None:
    pairs = [{"prompt": f"Q{n}", "chosen": f"Yes, {n}.", "rejected": "No."} for n in range(12)]
    reverse = {"prompt": "Q3", "chosen": "No.", "rejected": "Yes, 3."}
    lines = [json.dumps(each) for each in [*pairs, pairs[0], reverse]]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    found = check(tmp_path, "--data", "a.jsonl", task="preference-tuning", algorithm="dpo")
    notes = " ".join(found["notes"])
    assert "dropped 1 row that repeats another, first a.jsonl, row 13." in notes
    assert "left out 2 pairs that contradict each other, first a.jsonl, row 4 and a.jsonl" in notes
    assert "longer in 100% of the pairs" in notes
    assert found["summary"]["pairs"] == 11


def test_a_prompt_is_on_one_side_of_the_split(tmp_path: Path) -> None:
    pairs = [{"prompt": f"Q{n % 4}", "chosen": f"Yes, {n}.", "rejected": "No."} for n in range(40)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, pairs)))
    found = check(tmp_path, "--data", "a.jsonl", task="preference-tuning", algorithm="dpo")
    assert found["summary"]["train_rows"] == 30  # 10 of each prompt
    assert found["summary"]["validation_rows"] == 10
