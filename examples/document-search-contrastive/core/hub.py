"""The Hugging Face Hub as a place for artifacts: a repository each, private unless it was there before."""

import hashlib
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.destinations import EVENTS, INSTALL, MANIFEST, BrokenOff, File, Shipment, append, rest_of
from core.errors import DestinationError, UserError
from core.records import parse_record

try:
    import httpx2
    import huggingface_hub as hub
    from huggingface_hub import errors
    from huggingface_hub.hf_api import RepoFile
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )
except ImportError:
    raise UserError(f"hf:// needs huggingface_hub: {INSTALL}") from None

logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its retries name signed addresses
BUSY = (408, 429, 500, 502, 503, 504)
# What an empty repository, or one with nothing but a card, has.
WELCOME = {".gitattributes", "README.md"}


class Hub:
    """
    Args:
        repository: owner/name.
        revision: Branch, tag or commit to pull.
    """

    def __init__(self, repository: str, revision: str | None = None) -> None:
        self.moved = 0
        self._sent: set[str] = set()
        self._name = repository
        self._api = hub.HfApi()
        self._revision = revision
        self._commit: str | None = None  # of what is pulled: a branch may move on meanwhile

    def require_access(self) -> None:
        """What is certain is only what was done: a repository that is not there is created."""
        if hub.get_token() is None:
            raise UserError(
                f"hf://{self._name} needs a token that may write: set HF_TOKEN, or run hf auth login;"
                " https://huggingface.co/settings/tokens makes one."
            )
        with self._explained():
            self._api.create_repo(self._name, private=True, exist_ok=True)
            self._api.auth_check(self._name, write=True)
            is_private = self._api.model_info(self._name).private
            names = self._list().keys()
        if MANIFEST not in names and not names <= WELCOME:
            raise UserError(
                f"hf://{self._name} holds something else, such as {min(names - WELCOME)}:"
                " name a repository that is new, or has an artifact."
            )
        if not is_private:
            print(f"warning: hf://{self._name} is public, reports quote the data.", file=sys.stderr)

    def push(self, shipment: Shipment) -> str:
        """One commit, so that nobody ever sees half of it."""
        with self._explained():
            there = self._list()
            missing = [n for n, file in shipment.files.items() if not _is_same(there.get(n), file)]
            if missing in ([], [EVENTS]):
                return self._address(self._api.model_info(self._name).sha)
            add = [hub.CommitOperationAdd(name, shipment.files[name].path) for name in missing]
            # What was uploaded stays there without a commit: it is not sent again.
            for addition in add:  # one by one: threads would not hear of Ctrl-C
                with _quiet():
                    self._api.preupload_lfs_files(self._name, [addition], free_memory=False)
                self._count(addition.path_in_repo, shipment)
            gone = self._files_of_manifest(there) - {*shipment.files}
            remove = [hub.CommitOperationDelete(name) for name in sorted(gone & {*there})]
            commit = self._api.create_commit(
                self._name, [*add, *remove], commit_message=f"Run {shipment.id}"
            )
            there = self._list(commit.oid)
        for name, file in shipment.files.items():
            if not _is_same(there.get(name), file):
                raise BrokenOff(f"{name} at hf://{self._name} is not what was sent.")
        return self._address(commit.oid)

    def fetch(self, name: str, folder: Path) -> None:
        """By plain HTTP: the client's own download begins anew in each process."""
        path = folder / name
        token = hub.get_token()  # an artifact that is public needs none
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= rest_of(path)
        with self._explained():
            if self._commit is None:
                self._commit = self._api.model_info(self._name, revision=self._revision).sha
            endpoint = self._api.endpoint
            url = hub.hf_hub_url(self._name, name, revision=self._commit, endpoint=endpoint)
            with hub.get_session().stream(
                "GET", url, headers=headers, follow_redirects=True
            ) as answer:
                if answer.status_code == 416:  # all of it is here
                    return
                if answer.is_error:
                    answer.read()
                hub.hf_raise_for_status(answer)
                for size in append(answer, path):
                    self.moved += size

    def _count(self, name: str, shipment: Shipment) -> None:
        if name not in self._sent:
            self._sent.add(name)
            self.moved += shipment.files[name].size

    def _address(self, commit: str | None) -> str:
        return "@".join([f"hf://{self._name}", str(commit)])

    def _list(self, revision: str | None = None) -> dict[str, RepoFile]:
        tree = self._api.list_repo_tree(self._name, recursive=True, revision=revision)
        return {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}

    def _files_of_manifest(self, there: dict[str, RepoFile]) -> set[str]:
        """Names that an artifact which is there gave to its files."""
        if MANIFEST not in there:
            return set()
        path = self._api.hf_hub_download(self._name, MANIFEST)
        return {*(parse_record(Path(path).read_bytes()) or {}).get("files", ())}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except errors.HfHubHTTPError as error:
            status = error.response.status_code
            raise self._refusal(status, error.server_message or "") from None
        except (httpx2.HTTPError, ConnectionError, errors.LocalEntryNotFoundError) as error:
            raise BrokenOff(f"The Hub can't be reached ({type(error).__name__}).") from None
        except (
            RuntimeError
        ) as error:  # of an upload; its address may be too old, so that 403 is no answer
            raise BrokenOff(f"An upload to the Hub broke off ({_reason(error)}).") from None
        except ValueError as error:
            said = " ".join(str(error).split())
            raise DestinationError(f"hf://{self._name}: {said.rstrip('.')}.") from None

    def _refusal(self, status: int, said: str) -> DestinationError:
        said = " ".join(said.replace(hub.get_token() or "\n", "…").split()).rstrip(".")
        if status in BUSY:
            return BrokenOff(f"The Hub answered with status {status}.")
        reason = f" ({said})" if said else ""
        if status == 401:
            return DestinationError(
                f"The Hub does not know this token{reason}: set HF_TOKEN to another,"
                " or run hf auth login."
            )
        if status == 403:
            return DestinationError(
                f"The token may not write to hf://{self._name}{reason}: use one that may,"
                " or name a repository of your own."
            )
        if status == 404:
            return DestinationError(
                f"There is no hf://{self._name} with an artifact that this token may read{reason}."
            )
        return DestinationError(f"The Hub refuses hf://{self._name} with status {status}{reason}.")


@contextmanager
def _quiet() -> Iterator[None]:
    """A log file has no use for a progress bar."""
    if sys.stderr.isatty() or are_progress_bars_disabled():
        yield
        return
    disable_progress_bars()
    try:
        yield
    finally:
        enable_progress_bars()


def environment() -> dict[str, str]:
    known = {"HF_TOKEN": hub.get_token(), "HF_ENDPOINT": os.environ.get("HF_ENDPOINT")}
    return {name: value for name, value in known.items() if value}


def _is_same(there: RepoFile | None, file: File) -> bool:
    if there is None or there.size != file.size:
        return False
    if there.lfs is not None:
        return there.lfs.sha256 == file.sha256
    digest = hashlib.sha1(f"blob {file.size}\0".encode(), usedforsecurity=False)  # as git names it
    digest.update(file.path.read_bytes())
    return there.blob_id == digest.hexdigest()


def _reason(error: BaseException) -> str:
    while error.__cause__ is not None:
        error = error.__cause__
    if isinstance(error, httpx2.HTTPStatusError):
        return f"status {error.response.status_code}"
    return type(error).__name__
