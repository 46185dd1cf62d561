"""The model at RunPod, written by vLLM: `python vllm_endpoint.py --repository you/assessments --gpu L4`.

RunPod's own image (https://github.com/runpod-workers/worker-vllm) reads the model from the Hugging
Face Hub, and answers as OpenAI does, streamed. It costs nothing while nobody asks; --delete ends it.
"""

import sys
from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from core.artifact import read_manifest
from core.errors import ProviderError, UserError
from runpod_deploy import Deployment, EndpointSettings, deploy

IMAGE = "runpod/worker-v1-vllm:v2.27.0"
TOKEN = "{{ RUNPOD_SECRET_HF_TOKEN }}"  # RunPod puts in what its console keeps under this name


class Settings(EndpointSettings):
    model_config = SettingsConfigDict(cli_prog_name="vllm_endpoint.py")

    repository: str = ""
    """Repository on the Hub for the model, as in you/assessments; it is made, and private."""
    upload: bool = True
    """Send the model there; --no-upload takes what is there."""
    image: str = IMAGE
    """RunPod's image with vLLM."""
    context: int = Field(4096, ge=16)
    """Tokens of a question and its answer together: their memory is set aside."""


def make(settings: Settings, deployment: Deployment) -> None:
    """
    Raises:
        UserError: It cannot be; nothing is made then.
    """
    for option, value in (("--repository", settings.repository), ("--gpu", settings.gpu)):
        if not value:
            raise UserError(f"{option} is needed, as in --repository you/assessments --gpu L4.")
    kind = deployment.choose(vcpus=0)
    if settings.upload:
        artifact = settings.find_artifact()
        upload(settings.repository, find_weights(artifact), artifact / "tokenizer")
    env = {
        "MODEL_NAME": settings.repository,
        "MAX_MODEL_LEN": str(settings.context),
        "HF_TOKEN": TOKEN,
    }
    deployment.put(settings.image, kind, env)


def find_weights(artifact: Path) -> Path:
    """
    Raises:
        ArtifactError: There is no complete artifact.
        UserError: It is an adapter alone.
    """
    read_manifest(artifact)
    if not (artifact / "weights").is_dir():
        raise UserError(
            f"{artifact} holds an adapter without its model, which vLLM's worker does not read:"
            " train with --merge."
        )
    return artifact / "weights"


def upload(repository: str, *folders: Path) -> None:
    """Make the repository what vLLM reads: weights and tokenizer at its root.

    Raises:
        ProviderError: The Hub refuses.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        hub = HfApi()
        hub.create_repo(repository, private=True, exist_ok=True)
        for folder in folders:
            hub.upload_folder(repo_id=repository, folder_path=folder)
    except (HfHubHTTPError, HFValidationError) as error:
        said = " ".join(str(error).split()).rstrip(".")
        raise ProviderError(f"--repository {repository}: {said}.") from None


if __name__ == "__main__":
    sys.exit(deploy(Settings, make))
