"""Rows of Parquet files, a few at a time; what unpacks to too much is refused unread."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.ml.rows import MAX_COLUMNS, MEBIBYTE, Row, broken

MAX_GROUP = 256 * MEBIBYTE  # of one row group, unpacked
MAX_TOTAL = 1024 * MEBIBYTE  # of all row groups, unpacked
MAX_ROWS = 10_000_000
BATCH = 64  # rows; a dictionary may repeat one large value in each of them


def read_parquet(path: Path) -> Iterator[Row]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        advice = "have pyarrow installed (pip install pyarrow), or save it as CSV or JSONL"
        raise broken(f"Parquet is not read by this server: {advice}.") from None
    number = 0
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            _check_sizes(file.metadata)
            for batch in file.iter_batches(BATCH):
                for values in batch.to_pylist():
                    number += 1
                    yield Row(number, values)
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise broken(f"is no readable Parquet file: {reason}") from None


def _check_sizes(metadata: Any) -> None:
    """By what the file declares, before anything of it is unpacked."""
    sizes = [metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups)]
    for number, size in enumerate(sizes, start=1):
        if not 0 <= size <= MAX_GROUP:
            limit = f"the limit is {MAX_GROUP // MEBIBYTE} MiB; write smaller row groups"
            raise broken(f"row group {number} unpacks to {size:,} bytes, and {limit}.")
    if sum(sizes) > MAX_TOTAL:
        raise broken(f"unpacks to {sum(sizes):,} bytes; the limit is {MAX_TOTAL // MEBIBYTE} MiB.")
    if metadata.num_rows > MAX_ROWS:
        raise broken(f"has {metadata.num_rows:,} rows; the limit is {MAX_ROWS:,}.")
    if metadata.num_columns > MAX_COLUMNS:
        raise broken(f"has more than {MAX_COLUMNS:,} columns.")
