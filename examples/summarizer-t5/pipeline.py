"""Fine-tune an encoder-decoder: data in, artifact out."""

from pathlib import Path

from transformers import AutoTokenizer, PreTrainedModel

from baseline import choose_baseline
from config import Config
from core.errors import UserError
from core.finetune import finetune
from core.pretrained import load_pretrained
from core.run import Run
from data import load_dataset
from encoding import Encoding
from evaluation import evaluate
from examples import encode
from judging import draw, publish_writer
from learner import Seq2Seq, Watched
from network import build_network, most_positions
from writer import Writer

WATCHED = 32  # validation rows that are answered after each epoch


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    tokenizer = load_pretrained(AutoTokenizer, config.base_model)
    network = build_network(config.base_model)  # what is not there is said before anything starts
    encoding = _limit(config, tokenizer, network, dataset.notes)
    examples = encode([*dataset.train, *dataset.validation], encoding, dataset.notes)
    seen, unseen = examples[: len(dataset.train)], examples[len(dataset.train) :]
    run.start(dataset.fingerprint, in_parallel=True)

    judged = draw(dataset.validation, config)
    name, answer = choose_baseline(dataset.train, config.seed)
    simple = answer([pair.source for pair in judged])
    baseline = evaluate(simple, [pair.target for pair in judged])
    run.event("baseline", name=name, **baseline.metrics)

    writer = Writer(network, encoding, config.num_beams)
    watched = Watched.of(writer, judged[:WATCHED])
    learner = Seq2Seq(config, writer, watched)
    trained = finetune(learner, seen, unseen, config, run)
    writer.network = trained.eval().float()
    writer.save(run.folder / "weights")
    return publish_writer(run, config, dataset, judged, writer, baseline, name)


def _limit(
    config: Config, tokenizer: object, network: PreTrainedModel, notes: list[str]
) -> Encoding:
    """With lengths that the base model can take: those that were told, or its own.

    Raises:
        UserError: Nothing of a source would be read.
    """
    positions = most_positions(network) or max(config.max_length, config.max_target_length)
    most = min(positions, getattr(tokenizer, "model_max_length", positions))
    lengths = []
    for option, wanted, limit in (
        ("--max-length", config.max_length, most),
        ("--max-target-length", config.max_target_length, positions),
    ):
        if limit < wanted:
            notes.append(f"{option} {wanted}: the base model takes {limit} tokens at the most.")
        lengths.append(min(wanted, limit))
    encoding = Encoding(tokenizer, config.prefix, *lengths)
    if len(encoding.sources([""])[0]) >= encoding.max_length:
        raise UserError(
            f"--prefix fills all {encoding.max_length} tokens that are read of a source:"
            " shorten it, or raise --max-length."
        )
    return encoding
