"""NVIDIA's management library: connected, or the reason why not and what would change it.

It is loaded when first asked for: most machines lack such a GPU. Nothing is taken for granted of
what it has and answers; old drivers, containers and virtual machines differ.
"""

from __future__ import annotations

import importlib
from contextlib import suppress
from typing import Any

# Numbers of NVML's errors, which no version has changed.
NOT_SUPPORTED, NO_PERMISSION, FUNCTION_NOT_FOUND, GPU_IS_LOST = 3, 4, 13, 15

_REMEDIES = {
    12: (
        "no NVIDIA driver library is here; on a machine with an NVIDIA GPU install its driver "
        "(in a container: start it with the GPU passed in)"
    ),
    9: "the NVIDIA driver isn't loaded; load it or restart the machine after installing it",
    NOT_SUPPORTED: "this GPU or its driver doesn't give it; a newer driver may",
    NO_PERMISSION: "not permitted; allow this user (or container) to use the NVIDIA devices",
    FUNCTION_NOT_FOUND: "this driver is too old to give it; install a newer one",
    GPU_IS_LOST: "the GPU fell off its bus; restart the machine",
    18: ("the driver's library and kernel module are of different versions; restart the machine"),
}
_MOST_GPUS = 64
_LONGEST = 200


def library() -> Any:
    """The module ``pynvml``. Raises whatever importing it raises."""
    return importlib.import_module("pynvml")


def number(error: Exception) -> int | None:
    """Which of NVML's errors this is; null for any other."""
    value = getattr(error, "value", None)
    return value if type(value) is int else None


def reason(error: Exception) -> str:
    """An error in words, with NVML's number where it has one, and what would change it."""
    found = number(error)
    if found is not None:
        return f"{_REMEDIES.get(found, str(error))} (NVML error {found})"[:_LONGEST]
    if isinstance(error, AttributeError):
        return f"{error}; a newer driver and nvidia-ml-py may have it"[:_LONGEST]
    if isinstance(error, ImportError):
        return f"{error}; install nvidia-ml-py"[:_LONGEST]
    return (str(error) or type(error).__name__)[:_LONGEST]


def connect(nvml: Any) -> tuple[int, str | None]:
    """Connect to the driver: the number of GPUs, and why none can be read (null if some can).

    Whoever got some calls ``disconnect`` in the end.
    """
    try:
        nvml.nvmlInit()
    except Exception as error:  # noqa: BLE001 (a driver may do anything)
        return 0, reason(error)
    try:
        count = min(int(nvml.nvmlDeviceGetCount()), _MOST_GPUS)
    except Exception as error:  # noqa: BLE001
        why_none = reason(error)
    else:
        if count > 0:
            return count, None
        why_none = (
            "the NVIDIA driver runs but shows no GPU to this process; in a container pass one in"
        )
    disconnect(nvml)
    return 0, why_none


def disconnect(nvml: Any) -> None:
    """Let go of the driver. No call may be under way."""
    with suppress(Exception):  # it ends with the process
        nvml.nvmlShutdown()


def gpu_names(nvml: Any = None) -> tuple[list[str], str | None]:
    """The product names of the GPUs, and why there are none (null if there are)."""
    try:
        nvml = nvml or library()
    except Exception as error:  # noqa: BLE001
        return [], reason(error)
    count, why_none = connect(nvml)
    if not count:
        return [], why_none
    names = []
    for index in range(count):
        try:
            names.append(product_name(nvml, nvml.nvmlDeviceGetHandleByIndex(index)))
        except Exception as error:  # noqa: BLE001
            why_none = reason(error)
    disconnect(nvml)
    return names, None if names else why_none


def product_name(nvml: Any, handle: Any) -> str:
    """A GPU's product name."""
    text = nvml.nvmlDeviceGetName(handle)
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if not isinstance(text, str) or not text:
        raise ValueError("the driver doesn't name it")
    return text[:_LONGEST]
