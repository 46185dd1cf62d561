"""Leaves out of an exported encoder what no answer depends on.

A classifier that reads its first token alone needs the last layer's queries and feed-forward for
that token alone, though the keys and values of all: a seventh of the work of a six-layer model.
"""

import numpy as np

from core.encoder import openvino

Edge = tuple[str, int]  # name of the node that reads, number of its input

ELEMENTWISE = {"Add", "Subtract", "Multiply", "Divide", "Gelu", "Relu", "Tanh", "Erf"}


def keep_first_token(network: openvino.Model) -> bool:
    """Change `network` in place; return whether it reads the first token alone.

    From the end to the start: a node is needed for one token if all that read it need one token.
    Where such a node reads one that is needed in full, a slice goes in between.
    """
    nodes = network.get_ordered_ops()
    axes = {_edge(node, 0): 1 for node in nodes if _is_first_token(node)}
    found = bool(axes)
    for node in reversed(nodes):
        readers = [
            (target.get_node().get_friendly_name(), target.get_index())
            for output in node.outputs()
            for target in output.get_target_inputs()
        ]
        if readers and all(reader in axes for reader in readers):
            wanted = _inputs(node, axes[readers[0]])
            if wanted:
                axes |= {_edge(node, number): axis for number, axis in wanted.items()}
                for reader in readers:
                    del axes[reader]
    for node in nodes:
        for number, source in enumerate(node.input_values()):
            if _edge(node, number) in axes:
                node.input(number).replace_source_output(_first(source, axes[_edge(node, number)]))
    network.validate_nodes_and_infer_types()
    return found


def _is_first_token(node: openvino.Node) -> bool:
    """Whether it is `hidden[:, 0]`, a row per text."""
    return (
        node.get_type_name() == "Gather"
        and _rank(node.input_value(0)) == 3
        and _rank(node.output(0)) == 2
        and (_numbers(node, 1), _numbers(node, 2)) == ([0], [1])
    )


def _inputs(node: openvino.Node, axis: int) -> dict[int, int]:
    """Inputs that are then needed for one token too, and their axis; none if that is not known."""
    rank = _rank(node.output(0))
    match node.get_type_name():
        case "MVN":
            return {0: axis}
        case "MatMul" if axis == rank - 2 and not node.get_attributes()["transpose_a"]:
            return {0: axis} if _rank(node.input_value(1)) == 2 else {}
        case "Reshape" if _numbers(node, 1)[axis : axis + 1] == [0]:  # copied from the input
            return {0: axis}
        case "Transpose" if order := _numbers(node, 1):
            return {0: order[axis]}
        case "ScaledDotProductAttention" if axis == rank - 2 and node.get_input_size() > 3:
            return {0: axis, 3: axis}  # queries and mask
        case name if name in ELEMENTWISE:
            return {
                number: axis
                for number, source in enumerate(node.input_values())
                if _rank(source) == rank and source.get_partial_shape()[axis] != 1
            }
    return {}


def _first(source: openvino.Output, axis: int) -> openvino.Output:
    """`source[..., 0:1, ...]` along `axis`."""
    bounds = [np.array([number]) for number in (0, 1, 1, axis)]
    return openvino.opset13.slice(source, *bounds).output(0)


def _edge(node: openvino.Node, number: int) -> Edge:
    return node.get_friendly_name(), number


def _rank(value: openvino.Output) -> int:
    rank: int = value.get_partial_shape().rank.get_length()
    return rank


def _numbers(node: openvino.Node, number: int) -> list[int]:
    """A small constant that the node reads; empty if it is computed."""
    source = node.input_value(number).get_node()
    while source.get_type_name() == "Convert":
        source = source.input_value(0).get_node()
    if source.get_type_name() != "Constant":
        return []
    numbers: list[int] = np.atleast_1d(source.get_data()).tolist()
    return numbers
