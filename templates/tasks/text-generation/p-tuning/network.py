"""Opens a trained model to generate with: the base model, and the learnt vectors before each text."""

from pathlib import Path
from typing import Any

from peft import PeftModel

from core.batch_engine import BatchEngine
from core.decoding import Decoder, Network, Prompt
from core.generation import Engine
from facts import Facts
from origin import load_origin


def open_engine(artifact: Path, facts: Facts, tokenizer: Any) -> Engine:
    """What serves.

    Raises:
        ArtifactError: The base model cannot be loaded, or is another one by now.
    """
    return BatchEngine(load_network(artifact, facts), tokenizer, facts.ends)


def load_network(artifact: Path, facts: Facts) -> Network:
    """The model as transformers computes it.

    Raises:
        ArtifactError: The base model cannot be loaded, or is another one by now.
    """
    base = load_origin(facts)
    tuned = PeftModel.from_pretrained(base, str(artifact / "adapter"))
    prompt = Prompt(vectors=tuned.get_prompt(batch_size=1)[0])
    return Decoder(base, prompt)
