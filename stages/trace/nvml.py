"""NVIDIA's management library: connected, or the reason why not and what would change it."""

from __future__ import annotations

from typing import Any

import pynvml

_REMEDIES = {
    pynvml.NVML_ERROR_LIBRARY_NOT_FOUND: (
        "no NVIDIA driver library is here; on a machine with an NVIDIA GPU install its driver "
        "(in a container: start it with the GPU passed in)"
    ),
    pynvml.NVML_ERROR_DRIVER_NOT_LOADED: (
        "the NVIDIA driver isn't loaded; load it or restart the machine after installing it"
    ),
    pynvml.NVML_ERROR_NOT_SUPPORTED: "this GPU or its driver doesn't give it",
    pynvml.NVML_ERROR_NO_PERMISSION: (
        "not permitted; allow this user (or container) to use the NVIDIA devices"
    ),
    pynvml.NVML_ERROR_GPU_IS_LOST: "the GPU fell off its bus; restart the machine",
    pynvml.NVML_ERROR_LIB_RM_VERSION_MISMATCH: (
        "the driver's library and kernel module are of different versions; restart the machine"
    ),
}


def reason(error: pynvml.NVMLError) -> str:
    """An error of the library in words, with its number and what would change it."""
    words = _REMEDIES.get(error.value, str(error))
    return f"{words} (NVML error {error.value})"


def connect(nvml: Any = pynvml) -> tuple[int, str | None]:
    """Connect to the driver: the number of GPUs, and why none can be read (null if some can).

    Whoever got some calls ``nvml.nvmlShutdown()`` in the end.
    """
    try:
        nvml.nvmlInit()
    except pynvml.NVMLError as error:
        return 0, reason(error)
    try:
        count = int(nvml.nvmlDeviceGetCount())
    except pynvml.NVMLError as error:
        why_none = reason(error)
    else:
        if count:
            return count, None
        why_none = "the NVIDIA driver runs but shows no GPU to this process"
    nvml.nvmlShutdown()
    return 0, why_none


def gpu_names(nvml: Any = pynvml) -> tuple[list[str], str | None]:
    """The product names of the GPUs, and why there are none (null if there are)."""
    count, why_none = connect(nvml)
    if not count:
        return [], why_none
    names = []
    for index in range(count):
        try:
            names.append(product_name(nvml, nvml.nvmlDeviceGetHandleByIndex(index)))
        except pynvml.NVMLError as error:
            why_none = reason(error)
    nvml.nvmlShutdown()
    return names, None if names else why_none


def product_name(nvml: Any, handle: Any) -> str:
    """A GPU's product name."""
    text = nvml.nvmlDeviceGetName(handle)
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
