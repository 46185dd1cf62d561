"""The classifier that is served answers like the one that was fitted."""

import numpy as np
import pytest

from baseline import StackedClassifier, fit_baseline

pytestmark = pytest.mark.slow

TEXTS = ["Bend conduit.", "Pull wires.", "Lay bricks.", "Mix mortar.", "Weld pipes.", "Cut steel."]
NEW = ["Bend pipes and wires.", "Mortar", ""]


@pytest.mark.parametrize("labels", ["aabbcc", "aaabbb"], ids=["three labels", "two labels"])
def test_one_product_gives_the_same_probabilities(labels: str) -> None:
    model = fit_baseline(TEXTS, list(labels))
    stacked = StackedClassifier(model["classifier"])
    features = model["features"].transform(NEW)
    assert stacked.labels == sorted(set(labels))
    np.testing.assert_allclose(stacked.predict_proba(features), model.predict_proba(NEW))
