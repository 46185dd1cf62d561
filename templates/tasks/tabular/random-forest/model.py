"""Random forest: trees that each see other rows and columns, and vote."""

from sklearn.base import BaseEstimator
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

from config import Config
from core.run import Run
from table import Table


def fit(config: Config, table: Table, run: Run) -> BaseEstimator:
    kind = RandomForestClassifier if table.classes else RandomForestRegressor
    model = kind(
        n_estimators=config.trees,
        max_depth=config.max_depth,
        min_samples_leaf=config.min_leaf,
        max_features=config.features,
        n_jobs=-1,
        random_state=config.seed,
    )
    return model.fit(table.matrix, table.target, table.weights)
