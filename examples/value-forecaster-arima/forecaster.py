"""The end of every training: judge the backtest against the baseline, then publish the model."""

from dataclasses import replace
from pathlib import Path

from backtest import LEVELS, Evaluation
from core.comparison import Measure, compare, judge_rows
from core.publish import Outcome, publish
from core.report import Figure, Verdict
from core.run import Run
from data import Dataset
from figures import describe
from plan import FEWEST_FORECASTS
from schemas import Input, Output

LIMITS = (
    "It takes the future to be like the past: what has never happened before, it does not expect."
    " The intervals were right as often as the coverage says, on the backtest; farther ahead than"
    " the horizon nothing was measured. Train it again as values come."
)


def publish_forecaster(
    run: Run,
    algorithm: str,
    dataset: Dataset,
    model: Evaluation,
    baseline: Evaluation,
    baseline_name: str,
) -> Path:
    """Judge, report and seal a forecaster; returns the artifact: the run's folder."""
    example = {"series": dataset.series[0].name, "horizon": dataset.plan.horizon}
    return publish(
        run,
        Outcome(
            task="forecasting",
            algorithm=algorithm,
            takes=Input.with_example(example),
            answers=Output,
            verdict=_judge(model, baseline, baseline_name),
            metrics=model.metrics,
            baseline={"name": baseline_name, "metrics": baseline.metrics},
            data=dataset,
            pipeline_tag="time-series-forecasting",
            sections=describe(dataset, model, baseline),
            limits=LIMITS,
        ),
    )


def _judge(model: Evaluation, baseline: Evaluation, baseline_name: str) -> Verdict:
    measure = Measure("MASE", is_error=True)
    figures = _figures(model.metrics, baseline.metrics)
    of = "forecast" if len(model.windows) == 1 else "forecasts"
    verdict = judge_rows(measure, model.mase, baseline.mase, baseline_name, of, figures)
    if len(model.windows) >= FEWEST_FORECASTS:
        return verdict
    ours, theirs = measure.show(model.mase.mean()), measure.show(baseline.mase.mean())
    sentence = (
        f"Too few to tell: {measure.name} {ours} against {theirs} of the baseline on"
        f" {len(model.windows)} {of}."
    )
    return replace(verdict, mood="unclear", sentence=sentence)


def _figures(ours: dict[str, float], theirs: dict[str, float]) -> list[Figure]:
    smape = (100 * ours["smape"], 100 * theirs["smape"])
    return [
        compare("MASE", ours["mase"], theirs["mase"], is_error=True),
        compare("sMAPE", *smape, is_error=True, unit="%"),
        *(_compare_coverage(level, ours, theirs) for level in LEVELS),
    ]


def _compare_coverage(level: str, ours: dict[str, float], theirs: dict[str, float]) -> Figure:
    """The better one is closer to what its interval promises."""
    shares = [one[f"coverage_{level}"] for one in (ours, theirs)]
    shown, other = (f"{share:.0%}" for share in shares)
    off, off_other = (abs(share - int(level) / 100) for share in shares)
    better = None if shown == other else off < off_other
    return Figure(f"Truth within the {level} % interval", shown, other, better)
