"""What the report shows: pictures before and after, and at which noise the model got better."""

from collections.abc import Sequence

from PIL import Image, ImageOps

from baseline import NAME
from config import Config
from core.pictures import to_data_url
from core.report import Chart, Gallery, Line, Point, Section, Strip
from denoiser import Denoiser
from diffusion import Diffusion
from drawing import Pipeline, Prompt, draw
from evaluation import Evaluation
from examples import Example
from schemas import STEPS

SHOWN_SIZE = 320  # pixels; the report is one file
QUALITY = 85  # of JPEG
DEBUG_STEPS = 5


def describe(
    examples: Sequence[Example],
    network: Denoiser,
    pipeline: Pipeline,
    config: Config,
    learner: Diffusion,
    ours: Evaluation,
    theirs: Evaluation,
) -> list[Section]:
    return [
        _gallery(examples, network, pipeline, config),
        _by_noise(learner, ours, theirs),
    ]


def _gallery(
    examples: Sequence[Example], network: Denoiser, pipeline: Pipeline, config: Config
) -> Gallery:
    by_caption = {example.caption: example for example in reversed(examples)}
    chosen = [*by_caption.values()][::-1][: config.shown]
    return Gallery(
        "Pictures before and after",
        ["Before: the base model", "After: this model", "In the validation data"],
        [_strip(example, network, pipeline, config) for example in chosen],
        note="Captions that it was not trained with, one seed for both. Look for yourself: the"
        " denoising loss says how well noise is told, not whether a picture is good.",
    )


def _strip(example: Example, network: Denoiser, pipeline: Pipeline, config: Config) -> Strip:
    prompt = Prompt(
        example.caption,
        config.seed,
        config.resolution,
        config.resolution,
        steps=DEBUG_STEPS if config.debug else STEPS,
    )
    with network.without_adapters():
        before, _ = draw(pipeline, prompt)
    after, _ = draw(pipeline, prompt)
    pictures = [before, after, example.open()]
    return Strip(example.caption, [_shrink(picture) for picture in pictures], example.place)


def _shrink(picture: Image.Image) -> str:
    square = ImageOps.fit(picture, (SHOWN_SIZE, SHOWN_SIZE))
    return to_data_url(square, "JPEG", quality=QUALITY)


def _by_noise(learner: Diffusion, ours: Evaluation, theirs: Evaluation) -> Chart:
    def line(name: str, found: Evaluation, dashed: bool = False) -> Line:
        means = found.losses.mean(axis=0).tolist()
        points = [
            Point(step, loss, f"step {step}", 3)
            for step, loss in zip(learner.timesteps, means, strict=True)
        ]
        return Line(name, points, dashed)

    return Chart(
        "Denoising loss by noise",
        "Timestep: little noise at the left, nothing but noise at the right",
        "Denoising loss",
        [line("Model", ours), line(NAME.capitalize(), theirs, dashed=True)],
        note="At the left the details are decided, at the right what is where.",
    )
