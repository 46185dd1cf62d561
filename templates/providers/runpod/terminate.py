"""End this very pod, by the key that RunPod gave it for itself alone. The guard runs this.

Standard library only, for the Python that the image comes with.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

HERE = Path(__file__).resolve().parent
TIMEOUT = 30  # seconds
REFUSED = (401, 403)  # should a pod's key be too little here, RunPod's own tool has other ways


def main() -> None:
    url = json.loads((HERE / "rental.json").read_text())["url"]
    pod = os.environ["RUNPOD_POD_ID"]
    headers = {
        "Authorization": f"Bearer {os.environ['RUNPOD_API_KEY']}",
        "User-Agent": "guard",  # urllib's own is turned away by some gateways
    }
    end = Request(f"{url}/v2/pods/{pod}", headers=headers, method="DELETE")
    try:
        urlopen(end, timeout=TIMEOUT).close()
    except HTTPError as error:
        if error.code in REFUSED:
            subprocess.run(["runpodctl", "remove", "pod", pod], check=True)
        elif error.code != 404:  # it has ended meanwhile
            raise


if __name__ == "__main__":
    main()
