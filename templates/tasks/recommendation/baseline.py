"""What most users took: needs no learning, and what any model has to beat."""

from catalog import Catalog
from sparse import Floats, SparseRow

NAME = "the most popular items"


class MostPopular:
    def __init__(self, catalog: Catalog) -> None:
        self._shares = catalog.counts / len(catalog.users)

    def score(self, history: SparseRow) -> Floats:
        """The share of the users who liked each item, the same for everybody."""
        return self._shares
