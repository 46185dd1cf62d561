"""What a look at the data found, complete as far as the look came."""

from dataclasses import dataclass, field
from typing import Any

from core.errors import DataError, DataProblem

LISTED = 1000  # problems that are listed; all are counted


@dataclass
class Findings:
    rows: int = 0  # that were read, all files together
    columns: dict[str, str] = field(default_factory=dict)  # of the data, by what they are for
    summary: dict[str, Any] = field(default_factory=dict)  # whatever the task has to say
    notes: list[str] = field(default_factory=list)  # what was guessed, dropped or looks odd
    problems: list[DataProblem] = field(default_factory=list)

    def raise_problems(self) -> None:
        """
        Raises:
            DataError: There are problems.
        """
        if self.problems:
            raise DataError(*self.problems)

    def to_json(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "columns": self.columns,
            "summary": self.summary,
            "problems": [
                {"file": p.file, "row": p.row, "column": p.column, "message": p.message}
                for p in self.problems[:LISTED]
            ],
            "problem_count": len(self.problems),
            "notes": self.notes,
        }
