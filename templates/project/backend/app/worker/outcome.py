"""How work on a job ends before its end; each says why in a sentence for the job's owner."""


class Outcome(Exception):
    """Not for errors alone: `stopped` is what was asked for."""


class Failed(Outcome):
    """Trying again would not help."""


class Stopped(Outcome):
    """A limit of time or cost was reached; a checkpoint is kept."""


class Cancelled(Outcome):
    """The job's owner wants it so."""


class Retry(Outcome):
    """Another attempt may succeed.

    Args:
        event: What happened, if the job's events do not tell yet.
    """

    def __init__(self, reason: str, event: str | None = None) -> None:
        super().__init__(reason)
        self.event = event
