"""What the tests of every task have to know about image-classification."""

from pathlib import Path

SIDE = 32


def save_base_model(folder: Path, algorithm: str) -> Path:
    """A tiny but real network: a configuration, random weights, and how it reads pictures."""
    import json

    from transformers import AutoConfig, AutoModelForImageClassification, set_seed

    sizes = {
        "resnet": {"embedding_size": 16, "hidden_sizes": [16, 32, 64], "depths": [1, 1, 1]},
        "vit": {
            "hidden_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "intermediate_size": 96,
            "image_size": SIDE,
            "patch_size": 8,
        },
    }
    set_seed(0)
    config = AutoConfig.for_model(algorithm, **sizes[algorithm])
    AutoModelForImageClassification.from_config(config).save_pretrained(folder)
    reading = {"size": {"height": SIDE, "width": SIDE}, "image_mean": [0.5] * 3}
    reading |= {"image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(reading))
    return folder
