"""Teach a language model to write as the data does: data in, artifact out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import AutoTokenizer

from base import load_base
from baseline import NAME, frequency_losses
from config import ALGORITHM, Config
from core import processes
from core.batch_engine import BatchEngine
from core.chat import ensure_template
from core.decoding import Decoder
from core.errors import UserError
from core.finetune import finetune
from core.pretrained import load_pretrained
from core.publish import Outcome, publish
from core.run import Run
from data import Dataset, load_dataset
from encoding import Rows, count_loss, encode_dataset, last_token
from evaluation import Losses
from facts import Facts, describe_base
from learning import TextGeneration, row_losses
from model import build_model, prepare_rows, room_for_text, save_model
from network import load_network
from preview import loss_share, preview, preview_table
from samples import Sample, choose_samples, samples_section, write
from schemas import Input, Output

LIMITS = (
    "It writes what is probable, not what is true: let someone who knows check what it says. "
    "Its loss tells how well it foretells answers like those of the data, not how useful they are."
)


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    base = load_base(config)  # a model that is not there is said before anything starts
    tokenizer = load_tokenizer(config, dataset)
    facts = describe_base(
        config.base_model, base, tokenizer, dataset.form.has_answers, last_token(tokenizer)
    )
    length = min(config.max_length, room_for_text(config, facts.max_length))
    rows = encode_dataset(dataset, tokenizer, length)
    run.start(dataset.fingerprint, in_parallel=True)
    if processes.is_first():
        show(rows, tokenizer, run)
    samples = choose_samples(dataset.validation, tokenizer, facts.max_length)
    theirs, before = look_at(base, rows, samples, tokenizer, facts)
    run.event("baseline", name=NAME, loss=float(theirs.sum() / count_loss(rows.validation)))
    del base  # its memory is the training's

    task = TextGeneration(lambda: build_model(config), padding=facts.ends[0])
    trained = finetune(task, prepare_rows(rows.train, config, length), rows.validation, config, run)
    ours = row_losses(trained, rows.validation)
    save_model(trained, config, run.folder)
    tokenizer.save_pretrained(run.folder / "tokenizer")
    facts.save(run.folder)
    engine = BatchEngine(load_network(run.folder, facts), tokenizer, facts.ends)
    after = write(engine, samples)
    engine.close()
    losses = Losses(
        tokens=count_loss(rows.validation),
        model=ours,
        base=theirs,
        frequency=frequency_losses(rows.train, rows.validation, len(tokenizer)),
    )
    rival, loss = losses.baseline()
    return publish(
        run,
        Outcome(
            task="text-generation",
            algorithm=ALGORITHM,
            takes=Input,
            answers=Output,
            verdict=losses.verdict(),
            metrics=losses.metrics(ours),
            baseline={"name": rival, "metrics": losses.metrics(loss)},
            data=dataset,
            pipeline_tag="text-generation",
            sections=[
                losses.table(),
                samples_section(samples, before, after),
                preview_table(rows.train, tokenizer),
            ],
            limits=LIMITS,
        ),
    )


def show(rows: Rows, tokenizer: Any, run: Run) -> None:
    """Say which tokens carry loss, before any time is spent on them."""
    shown, share = preview(rows.train, tokenizer), loss_share(rows.train)
    run.event("preview", text=shown, loss=share)
    print(f"{shown}\n{share}: those between « and ».")


def look_at(
    base: Any, rows: Rows, samples: Sequence[Sample], tokenizer: Any, facts: Facts
) -> tuple[NDArray[np.float64], list[str]]:
    """What the base model loses on each validation row, and what it writes."""
    if not processes.is_first():
        return np.zeros(len(rows.validation)), []
    base.to(torch.accelerator.current_accelerator() or "cpu")
    engine = BatchEngine(Decoder(base.eval()), tokenizer, facts.ends)
    written = write(engine, samples)
    engine.close()
    return row_losses(base, rows.validation), written


def load_tokenizer(config: Config, dataset: Dataset) -> Any:
    """The base model's, with a chat template if there are answers to learn.

    Raises:
        ModelUnavailable: It cannot be loaded.
        UserError: No token ends a text.
    """
    tokenizer = load_pretrained(AutoTokenizer, config.base_model)
    if tokenizer.eos_token_id is None:
        raise UserError(
            f"The tokenizer of {config.base_model} has no token that ends a text (eos_token):"
            " an answer would never end. Choose another --base-model."
        )
    if dataset.form.has_answers and not ensure_template(tokenizer):
        dataset.notes.append(
            f"{config.base_model} has no chat template: a plain one is used, and kept in the artifact."
        )
    return tokenizer
