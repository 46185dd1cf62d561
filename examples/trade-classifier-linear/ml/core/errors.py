"""Errors that a person can act on: one sentence each, and an exit code that scripts can rely on."""

from enum import IntEnum


class ExitCode(IntEnum):
    OK = 0
    BUG = 1
    USAGE = 2
    DATA = 3
    STOPPED = 4  # --max-minutes ran out; the checkpoint is kept
    MODEL_UNAVAILABLE = 5
    ARTIFACT = 6
    INTERRUPTED = 130  # Ctrl-C; the checkpoint is kept
    TERMINATED = 143  # SIGTERM; the checkpoint is kept


class UserError(Exception):
    """What went wrong, where, and what to do about it."""

    exit_code = ExitCode.USAGE


class DataError(UserError):
    exit_code = ExitCode.DATA


class ModelUnavailable(UserError):
    exit_code = ExitCode.MODEL_UNAVAILABLE


class ArtifactError(UserError):
    exit_code = ExitCode.ARTIFACT
