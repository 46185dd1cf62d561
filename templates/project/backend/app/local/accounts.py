"""The account that Postgres runs as where the caller is root, because it refuses to run as root."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

ACCOUNT = "pgserver"


class PostgresError(Exception):
    """What went wrong, and what to do."""


if sys.platform == "win32":

    def account() -> str | None:
        return None
else:
    import pwd

    def account() -> str | None:
        """Its name, made if need be; None stands for the caller's own."""
        if os.geteuid() != 0:
            return None
        if not _exists():
            shell = shutil.which("nologin", path="/usr/sbin:/sbin") or "/bin/false"
            command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", shell]
            try:
                subprocess.run([*command, ACCOUNT], check=True, capture_output=True)
            except (OSError, subprocess.CalledProcessError) as error:
                if not _exists():  # another process may have made it meanwhile
                    raise PostgresError(
                        "Postgres does not run as root, and no account can be made for it: run "
                        "this as another user, or set DATABASE_URL."
                    ) from error
        return ACCOUNT

    def _exists() -> bool:
        try:
            pwd.getpwnam(ACCOUNT)
        except KeyError:
            return False
        return True


def hand_over(*paths: Path) -> None:
    """Give them to the account, and let it pass the folders above them."""
    name = account()
    if name is not None:
        for path in paths:
            shutil.chown(path, name, name)
            let_pass(path)


def let_pass(path: Path) -> None:
    """Folders of root's may be closed to others: let them pass, without reading."""
    if account() is not None:
        for folder in path.parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
