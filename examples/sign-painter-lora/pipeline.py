"""Teach Stable Diffusion your pictures: data in, artifact out."""

from pathlib import Path

from base import Base, load_base
from baseline import NAME
from config import ALGORITHM, Config
from core.comparison import Measure, compare, judge_rows
from core.dataset import count
from core.fit import fit
from core.publish import Outcome, publish
from core.records import write_json
from core.report import Verdict
from core.run import Run
from data import Dataset, load_dataset
from denoiser import Denoiser
from diffusion import Diffusion, Sample, tokenize
from drawing import build_pipeline
from evaluation import Evaluation, at_all_levels, evaluate, find_device
from figures import describe
from latents import CACHE, Latents, encode_pictures
from predict import BASE_FOLDER, SETTINGS
from schemas import Input, Output

WATCHED = 32  # validation pictures, at the most, that decide which epoch is the best
LIMITS = (
    "It draws what the base model can draw, in the manner of its training pictures; text in"
    " pictures, counts and hands go wrong. What the base model learnt from the web, prejudice"
    " included, is still in it, and its licence holds for what you make. A lower denoising loss is"
    " no proof of better pictures: look at them."
)


def train(config: Config, run: Run) -> Path:
    dataset = load_dataset(config)
    base = load_base(config.base_model)  # one that is not there is said before anything starts
    run.start(dataset.fingerprint, in_parallel=True)
    _warn_of_long_captions(dataset, base, run)

    learner = Diffusion(config, base)
    train_samples, unseen = _encode(dataset, base, learner, config, run)
    with (network := Denoiser(base, config)).without_adapters():
        baseline = evaluate(network, unseen, learner, run)
    run.event("baseline", name=NAME, **baseline.metrics)
    del base, network  # the training builds its own

    watched = unseen[: WATCHED * len(learner.timesteps)]
    trained = fit(learner, train_samples * config.repeats, watched, config, run)
    assert isinstance(trained, Denoiser)
    return _publish(trained, dataset, unseen, learner, baseline, config, run)


def _warn_of_long_captions(dataset: Dataset, base: Base, run: Run) -> None:
    most = base.tokenizer.model_max_length
    examples = dataset.train + dataset.validation
    lengths = [len(base.tokenizer(example.caption)["input_ids"]) for example in examples]
    long = [e for e, length in zip(examples, lengths, strict=True) if length > most]
    if long:
        some = count(len(long), "caption has", "captions have")
        run.warn(f"{some} more than {most} tokens; the rest is not read, first {long[0].place}.")


def _encode(
    dataset: Dataset, base: Base, learner: Diffusion, config: Config, run: Run
) -> tuple[list[Sample], list[Sample]]:
    """What is trained on, and what is validated on."""
    base.vae.to(find_device())
    latents = Latents(base.vae, config.resolution, Path(config.output) / CACHE)
    train_latents = encode_pictures(dataset.train, latents, run)
    token_ids = tokenize([example.caption for example in dataset.train], base)
    unseen_latents = encode_pictures(dataset.validation, latents, run)
    unseen_ids = tokenize([example.caption for example in dataset.validation], base)
    return (
        [Sample(*pair) for pair in zip(train_latents, token_ids, strict=True)],
        at_all_levels(dataset.validation, unseen_latents, unseen_ids, learner),
    )


def _publish(
    trained: Denoiser,
    dataset: Dataset,
    unseen: list[Sample],
    learner: Diffusion,
    baseline: Evaluation,
    config: Config,
    run: Run,
) -> Path:
    base = load_base(config.base_model)
    if config.copy_base:
        build_pipeline(base, checks_safety=True).save_pretrained(run.folder / BASE_FOLDER)
    network = Denoiser(base, config)  # what is measured is what is served
    network.adopt(trained)
    network.save_adapters(run.folder)
    found = evaluate(network, unseen, learner, run)
    pipeline = build_pipeline(base).to(find_device())
    local = Path(config.base_model).expanduser()
    name = str(local.resolve()) if local.is_dir() else config.base_model
    write_json(run.folder / SETTINGS, {"base_model": name, "resolution": config.resolution})
    return publish(
        run,
        Outcome(
            task="image-generation",
            algorithm=ALGORITHM,
            takes=Input,
            answers=Output,
            verdict=_judge(found, baseline),
            metrics=found.metrics,
            baseline={"name": NAME, "metrics": baseline.metrics},
            data=dataset,
            pipeline_tag="text-to-image",
            sections=describe(
                dataset.validation, network, pipeline, config, learner, found, baseline
            ),
            limits=LIMITS,
        ),
    )


def _judge(ours: Evaluation, theirs: Evaluation) -> Verdict:
    names = {
        "denoising_loss": "Denoising loss",
        "denoising_loss_of_little_noise": "Of little noise",
        "denoising_loss_of_much_noise": "Of much noise",
    }
    figures = [
        compare(name, ours.metrics[key], theirs.metrics[key], is_error=True)
        for key, name in names.items()
    ]
    measure = Measure("denoising loss", is_error=True)
    rows = "validation pictures"
    return judge_rows(measure, ours.by_picture, theirs.by_picture, NAME, rows, figures)
