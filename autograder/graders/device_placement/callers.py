"""What a caller finds after a call, the same for all tasks: lists, arrays, networks and configurations as they were."""

from typing import Any

from autograder.grading import check, probe


@probe
def changed_by(function, *arguments):
    """The types of those arguments that a call changes.

    A list, tuple or dict must hold the same things under the same keys; an array or tensor the same numbers where it
    was; a variable its value; a graph its operations and what they request, and whether it takes more; a configuration
    its settings; a network its layers in their modes, with the same parameters trained.
    """
    import numpy as np
    import tensorflow as tf
    import torch

    def state(thing):
        if isinstance(thing, list | tuple):
            return [state(part) for part in thing]
        if isinstance(thing, dict):
            return [[key if isinstance(key, str) else id(key), state(part)] for key, part in thing.items()]
        if isinstance(thing, np.ndarray):
            return [list(thing.shape), thing.tobytes()]
        if isinstance(thing, torch.Tensor):
            here = None if thing.is_meta else thing.detach().cpu().numpy().tobytes()
            return [id(thing), str(thing.device), thing.requires_grad, here]
        if isinstance(thing, torch.nn.Module):
            trained = [[name, parameter.requires_grad] for name, parameter in thing.named_parameters()]
            return [[[id(module), module.training] for module in thing.modules()], trained]
        if isinstance(thing, tf.Variable):
            return [id(thing), thing.numpy().tobytes()]
        if isinstance(thing, tf.Graph):
            return thing.finalized, [(operation.name, operation.device) for operation in thing.get_operations()]
        if isinstance(thing, tf.compat.v1.ConfigProto):
            settings = tf.compat.v1.ConfigProto()
            settings.CopyFrom(thing)
            settings.graph_options.place_pruned_graph = True  # TensorFlow's InteractiveSession itself sets this
            return settings.SerializeToString(deterministic=True)
        return thing if isinstance(thing, str | int | float) else id(thing)

    before = [state(argument) for argument in arguments]
    function(*arguments)
    states = zip(arguments, before, [state(argument) for argument in arguments], strict=True)
    return [type(argument).__name__ for argument, one, other in states if one != other]


def check_kept(student: Any, must: str, function: Any, *arguments: Any) -> None:
    """Check that a call of the student's function changes nothing of what it is given."""
    changed = student.run(changed_by, function, *arguments)
    check(changed == [], must, got=changed)
