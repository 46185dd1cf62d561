"""Which processes belong to a Postgres cluster, whatever its files say."""

from pathlib import Path

import psutil

DEADLINE = 10  # seconds for a killed process to be gone


def postmaster(data: Path) -> psutil.Process | None:
    """The server's first process; its file may name a dead one, or a stranger by now."""
    try:
        process = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        is_ours = str(data) in " ".join(process.cmdline())
        return process if is_ours and process.status() != psutil.STATUS_ZOMBIE else None
    except (FileNotFoundError, IndexError, psutil.Error):
        return None


def clear_up_after_crash(data: Path) -> None:
    """End the children of a killed server: they must not write beside the next one's."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    orphans = [process for process in psutil.process_iter() if _works_in(data, process)]
    for orphan in orphans:
        orphan.kill()
    psutil.wait_procs(orphans, timeout=DEADLINE)
    pid_file.unlink()


def _works_in(data: Path, process: psutil.Process) -> bool:
    try:
        return process.name().startswith("postgres") and Path(process.cwd()) == data
    except psutil.Error:
        return False
