"""Embed the texts with a frozen encoder and fit a head on them: data in, artifact out."""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from tqdm import tqdm
from transformers import AutoModel, AutoTokenizer, PreTrainedTokenizerBase

from baseline import NAME, fit_baseline
from config import ALGORITHM, Config
from core.classification import evaluate
from core.classifier import publish_classifier
from core.export import MeanPooling, export_encoder
from core.pretrained import load_pretrained
from core.run import Run
from core.tokens import TokenIds, limit_length, tokenize
from data import load_dataset
from model import Embeddings, Head
from schemas import Input, Output

CHUNK = 2048  # texts that are embedded before they are kept on disk
BATCH = 32


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    tokenizer = load_pretrained(AutoTokenizer, config.base_model)
    encoder = load_pretrained(AutoModel, config.base_model, dtype=torch.float32)
    run.start(dataset.fingerprint)

    texts = [example.text for example in dataset.train]
    labels = [example.label for example in dataset.train]
    unseen = [example.text for example in dataset.validation]
    truth = [example.label for example in dataset.validation]
    baseline = evaluate(dataset.labels, truth, fit_baseline(texts, labels).predict_proba(unseen))
    run.event("baseline", name=NAME, accuracy=baseline.accuracy, macro_f1=baseline.macro_f1)

    pooled = MeanPooling(encoder).eval()
    max_length = limit_length(config.max_length, tokenizer, run)
    ids = tokenize(texts + unseen, tokenizer, max_length, Path(config.output) / ".cache")
    embeddings = _embed(pooled, tokenizer, ids, run)
    known, new = embeddings[: len(texts)], embeddings[len(texts) :]
    head = Head.fit(texts, known, labels, config)
    run.stop_if_asked()
    head.save(run.folder)
    return publish_classifier(
        run,
        task="text-classification",
        algorithm=ALGORITHM,
        schemas=(Input, Output),
        data=dataset,
        excerpts=unseen,
        places=[example.place for example in dataset.validation],
        model=evaluate(dataset.labels, truth, head.predict(unseen, new)),
        baseline=baseline,
        baseline_name=NAME,
        engine=export_encoder(
            pooled,
            tokenizer,
            run.folder,
            texts,
            unseen,
            max_length,
            decide=head.predict,
            debug=config.debug,
        ),
    )


def _embed(
    model: MeanPooling, tokenizer: PreTrainedTokenizerBase, ids: TokenIds, run: Run
) -> Embeddings:
    """A row per text; each chunk is kept on disk, so that a kill costs one chunk at the most."""
    device = torch.accelerator.current_accelerator() or torch.device("cpu")
    model.to(device)
    chunks = []
    for start in tqdm(range(0, len(ids), CHUNK), desc="embed", unit="chunk"):
        path = run.checkpoints / f"embeddings-{start}.safetensors"
        if not path.exists():
            staged = path.with_suffix(".part")
            rows = _embed_chunk(model, tokenizer, ids[start : start + CHUNK], device)
            save_file({"rows": rows}, staged)
            staged.replace(path)
            run.event("progress", step=min(start + CHUNK, len(ids)), total_steps=len(ids))
        chunks.append(load_file(path)["rows"])
        run.stop_if_asked()
    model.to("cpu")
    return np.concatenate(chunks)


@torch.no_grad()
def _embed_chunk(
    model: MeanPooling, tokenizer: PreTrainedTokenizerBase, ids: TokenIds, device: torch.device
) -> Embeddings:
    """Texts of like length share a batch, so that hardly any padding is computed."""
    order = sorted(range(len(ids)), key=lambda number: len(ids[number]))
    rows: dict[int, Embeddings] = {}
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        padded = tokenizer.pad(
            {"input_ids": [ids[number].tolist() for number in batch]}, return_tensors="pt"
        ).to(device)
        found = model(padded["input_ids"], padded["attention_mask"]).float().cpu().numpy()
        rows |= zip(batch, found, strict=True)
    return np.stack([rows[number] for number in range(len(ids))])
