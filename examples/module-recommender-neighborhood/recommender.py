"""The end of every recommender's training: judge it against the baseline, then publish it."""

from pathlib import Path

from baseline import NAME
from catalog import Catalog, Model
from core.comparison import Measure, compare, judge_rows
from core.publish import Outcome, publish
from core.report import Figure, Verdict
from core.run import Run
from data import Dataset
from evaluation import AT, LENGTH, Evaluation, Truth, evaluate
from figures import describe
from schemas import Input, Output

LIMITS = (
    "It knows the items of its training data only, and likes what many took: train it again as"
    " items come. A user who is new gets answers from the items of the request, else the most"
    " popular ones; `source` says which."
)


def publish_recommender(
    run: Run,
    algorithm: str,
    dataset: Dataset,
    catalog: Catalog,
    truth: Truth,
    model: Model,
    baseline: Evaluation,
) -> Path:
    """Judge, report and seal a recommender; returns the artifact: the run's folder.

    What is served knows all that users took, the validation part too: nobody is recommended
    what they have.
    """
    found = evaluate(model, catalog, truth)
    catalog.extended(dataset.validation).save(run.folder)
    return publish(
        run,
        Outcome(
            task="recommendation",
            algorithm=algorithm,
            takes=Input,
            answers=Output,
            verdict=_judge(found, baseline),
            metrics=found.metrics,
            baseline={"name": NAME, "metrics": baseline.metrics},
            data=dataset,
            sections=describe(dataset, catalog, truth, model, found, baseline),
            limits=LIMITS,
        ),
    )


def _judge(model: Evaluation, baseline: Evaluation) -> Verdict:
    measure = Measure(f"NDCG{AT}")
    return judge_rows(measure, model.ndcg, baseline.ndcg, NAME, "users", _figures(model, baseline))


def _figures(model: Evaluation, baseline: Evaluation) -> list[Figure]:
    ours, theirs = model.metrics, baseline.metrics
    names = {
        f"ndcg_at_{LENGTH}": f"NDCG{AT}",
        f"recall_at_{LENGTH}": f"Recall{AT}",
        f"hit_rate_at_{LENGTH}": f"Hit rate{AT}",
        "coverage": "Coverage",
    }
    return [compare(name, ours[key], theirs[key]) for key, name in names.items()]
