"""What a recommender's report shows: for whom it works, how far it reaches, and examples."""

from collections.abc import Sequence

import numpy as np

from catalog import Catalog, Model, best_items
from core.dataset import count
from core.report import Bar, Bars, Cell, Chart, Line, Pair, Pairs, Point, Section, Table
from data import Dataset
from evaluation import AT, Evaluation, Truth
from sparse import Floats, Ints, SparseRow

GROUPS = 4  # of users, by how much they took
EXAMPLES = 6
SHOWN = 6  # items of a history
SIMILAR_TO = 12  # most popular items, for the table of similar ones
SIMILAR = 3
POINTS = 200  # of a line


def describe(
    dataset: Dataset,
    catalog: Catalog,
    truth: Truth,
    model: Model,
    ours: Evaluation,
    theirs: Evaluation,
) -> list[Section]:
    return [
        _by_activity(catalog, truth, ours, theirs),
        _reach(catalog, ours, theirs),
        _examples(dataset, catalog, truth, ours),
        _similar(catalog, model),
    ]


def _by_activity(catalog: Catalog, truth: Truth, ours: Evaluation, theirs: Evaluation) -> Bars:
    taken = np.diff(catalog.histories.starts)[truth.users]
    edges = np.unique(np.quantile(taken, np.linspace(0, 1, GROUPS + 1)[1:-1], method="lower"))
    groups = np.searchsorted(edges, taken)
    return Bars(
        f"NDCG{AT} by how much users took before",
        [_bar(taken, groups == group, ours.ndcg, theirs.ndcg) for group in np.unique(groups)],
        note="The tick is the baseline. Of an active user more is known, but more of what fits"
        " has been taken too.",
    )


def _bar(taken: Ints, chosen: np.ndarray, ours: Floats, theirs: Floats) -> Bar:
    low, high = int(taken[chosen].min()), int(taken[chosen].max())
    span = count(low, "item", "items") if low == high else f"{low:,} to {high:,} items"
    users = count(int(chosen.sum()), "user", "users")
    value = float(ours[chosen].mean())
    return Bar(f"{span}, {users}", value, f"{value:.3f}", baseline=float(theirs[chosen].mean()))


def _reach(catalog: Catalog, ours: Evaluation, theirs: Evaluation) -> Chart:
    items = len(catalog.items)

    def line(name: str, counts: Ints, dashed: bool = False) -> Line:
        shares = np.concatenate([[0.0], np.cumsum(counts) / counts.sum()])
        places = np.unique(np.linspace(0, items, POINTS).astype(int)).tolist()
        return Line(name, [Point(at / items, float(shares[at])) for at in places], dashed)

    return Chart(
        "How far down the catalogue",
        "Share of the items, most popular first",
        "Share of the recommendations",
        [
            line("Model", np.bincount(np.concatenate(ours.lists), minlength=items)),
            line("Baseline", np.bincount(np.concatenate(theirs.lists), minlength=items)),
            line("What users took", catalog.counts, dashed=True),
        ],
        note="A line above that of what users took favours popular items; below it, rare ones.",
        x_range=(0.0, 1.0),
        y_range=(0.0, 1.0),
    )


def _examples(dataset: Dataset, catalog: Catalog, truth: Truth, ours: Evaluation) -> Pairs:
    """Users of all kinds: from who got the best list to who got the worst."""
    order = np.argsort(-ours.ndcg, kind="stable")
    chosen = order[np.linspace(0, len(order) - 1, min(EXAMPLES, len(order))).astype(int)]
    user_names = [*catalog.users]
    return Pairs(
        "What users took, and what they were recommended",
        [
            _pair(
                user_names[truth.users[at]],
                dataset,
                [catalog.item_names[item] for item in ours.lists[at]],
                truth.items[at],
                float(ours.ndcg[at]),
            )
            for at in chosen.tolist()
        ],
        note=f"From the best NDCG{AT} to the worst; a ✓ stands at what was taken next.",
    )


def _pair(
    user: str, dataset: Dataset, best: Sequence[str], wanted: Sequence[str], ndcg: float
) -> Pair:
    taken = [i.item for i in dataset.train if i.user == user and i.is_liked]
    more = f" and {len(taken) - SHOWN:,} more" if len(taken) > SHOWN else ""
    which = "Took last" if dataset.has_times else "Took"
    return Pair(
        asked=f"{which}: {', '.join(reversed(taken[-SHOWN:]))}{more}",
        answered=", ".join(f"{item} ✓" if item in wanted else item for item in best),
        expected=", ".join(wanted),
        place=f"{user}, NDCG{AT} {ndcg:.2f}",
    )


def _similar(catalog: Catalog, model: Model) -> Table:
    names = catalog.item_names
    rows: list[list[Cell]] = []
    for item in range(min(SIMILAR_TO, len(names))):
        taken = np.array([item])
        best = best_items(model.score(SparseRow(taken, np.ones(1))), taken, SIMILAR)
        rows.append([names[item], int(catalog.counts[item]), ", ".join(names[b] for b in best)])
    return Table(
        "What goes with the most popular items",
        ["Item", "Users who took it", "Recommended to who took nothing else"],
        rows,
    )
