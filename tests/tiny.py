"""Tiny but real encoders: a configuration, random weights, and a tokenizer trained in place."""

import json
from pathlib import Path

TRADES = Path(__file__).parents[1] / "examples" / "data" / "trades"
SIZE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
}
SPECIAL = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}


def read_trades(name: str = "train.jsonl") -> list[dict[str, str]]:
    return [json.loads(line) for line in (TRADES / name).read_text("utf-8").splitlines()]


def save_tiny_encoder(folder: Path, architecture: str = "bert") -> Path:
    """Write a model that `from_pretrained` loads; `architecture` is bert, modernbert or distilbert."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast, set_seed

    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(vocab_size=2000, special_tokens=list(SPECIAL.values()))
    tokenizer.train_from_iterator((row["text"] for row in read_trades()), trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **SPECIAL)
    fast.save_pretrained(folder)
    ids = {"pad_token_id": 0, "bos_token_id": 2, "eos_token_id": 3}
    if architecture == "modernbert":
        ids |= {"cls_token_id": 2, "sep_token_id": 3}
    set_seed(0)
    config = AutoConfig.for_model(architecture, vocab_size=2000, **ids, **SIZE)
    AutoModel.from_config(config).save_pretrained(folder)
    return folder
