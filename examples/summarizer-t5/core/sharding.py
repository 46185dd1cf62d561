"""Spreads one model over the processes (FSDP2), where each alone has too little memory for it."""

from typing import Any

from accelerate import PartialState
from accelerate.utils import DistributedType, FullyShardedDataParallelPlugin
from torch import nn
from transformers import Trainer

from core import processes


def sharding_options(network: Any) -> dict[str, Any]:
    """Of `TrainingArguments`: each of the network's equal layers is a part."""
    lists = (module for module in network.modules() if isinstance(module, nn.ModuleList))
    layers = {type(layer).__name__ for layers in lists for layer in layers}
    # What transformers does not split, but for embeddings: they are shared with other parts.
    return {
        "fsdp": True,
        "fsdp_config": {
            "transformer_layer_cls_to_wrap": sorted(layers & set(network._no_split_modules))
        },
    }


def shard_without_gpu(trainer: Trainer) -> None:
    """Accelerate takes FSDP on accelerators only; torch shards on any device."""
    if trainer.accelerator.distributed_type != DistributedType.MULTI_CPU:
        return
    state = trainer.accelerator.state
    state.distributed_type = PartialState().distributed_type = DistributedType.FSDP
    state.fsdp_plugin = FullyShardedDataParallelPlugin(**trainer.args.fsdp_plugin_args)
    trainer.is_fsdp_enabled = True


def gather(trainer: Trainer, network: Any) -> Any:
    """`network` with the weights of all parts, in the first process; elsewhere as it was."""
    weights = trainer.accelerator.get_state_dict(trainer.model)
    if processes.is_first():
        network.load_state_dict(weights)
    return network
