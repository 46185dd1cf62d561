"""What SkyPilot makes of a task's file, as JSON; run by the Python that SkyPilot is installed in.

python tests/skypilot_task.py sky.yaml NAME=VALUE …
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml
from sky import Task, catalog
from sky.skylet import constants, log_lib

NODE = {  # what SkyPilot tells each node, and the names that it does so under
    "nodes": constants.SKYPILOT_NUM_NODES,
    "rank": constants.SKYPILOT_NODE_RANK,
    "ips": constants.SKYPILOT_NODE_IPS,
    "gpus": constants.SKYPILOT_NUM_GPUS_PER_NODE,
    "task": constants.TASK_ID_ENV_VAR,
}


def keep_names_of_gpus() -> None:
    """Those in the package stand for the list that SkyPilot downloads."""
    folder = Path.home() / ".sky/catalogs" / constants.CATALOG_SCHEMA_VERSION / "common"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"{name},['Kubernetes']" for name in catalog.get_common_gpus()]
    (folder / "accelerators.csv").write_text("\n".join(["AcceleratorName,Clouds", *rows]))


def read_task(path: Path, environment: list[str]) -> dict[str, Any]:
    pairs = [pair.partition("=")[::2] for pair in environment]
    task = Task.from_yaml_config(yaml.safe_load(path.read_text("utf-8")), env_overrides=pairs)
    task.validate()
    script = log_lib.make_task_bash_script
    return {
        "gpus": sorted({name for each in task.resources for name in each.accelerators}),
        "known_gpus": catalog.get_common_gpus(),
        "is_given_back": all(each.autostop_config.down for each in task.resources),
        "nodes": task.num_nodes,
        "workdir": task.workdir,
        "files": task.file_mounts,
        "buckets": {path: bucket.name for path, bucket in task.storage_mounts.items()},
        "setup": script(task.setup, task.envs),
        "run": script(task.run, task.envs),
        "names": NODE,
    }


if __name__ == "__main__":
    keep_names_of_gpus()
    print(json.dumps(read_task(Path(sys.argv[1]), sys.argv[2:])))
