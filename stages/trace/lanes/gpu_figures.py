"""What a GPU is asked, and what of the answers can be believed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from stages.trace.nvml import FUNCTION_NOT_FOUND, number

# Seconds between two readings of what changes slowly.
SLOW_S = 1.0

_LARGEST = 2**63 - 1
# The driver's way to say "none" in a figure that it otherwise fills (NVML_VALUE_NOT_AVAILABLE).
_NONE = {2**64 - 1, 2**32 - 1}
# Numbers of NVML's that no version has changed.
_POWER_INSTANT = 186
_WRONG_VERSION = {2, 25}  # an argument, or its version, that the driver doesn't know
_CORE_SENSOR = 0
_GRAPHICS, _MEMORY = 0, 2
_FIELD_TYPES = ("dVal", "uiVal", "ulVal", "ullVal", "sllVal", "siVal", "usVal")


@dataclass(frozen=True)
class Figure:
    """One question: ``ask(nvml, handle)`` gives an answer for each of the ``columns``.

    An answer times ``unit`` that is below ``least`` or above ``most`` isn't believed.
    """

    name: str
    columns: tuple[str, ...]
    ask: Callable[[Any, Any], Sequence[object]]
    most: int = _LARGEST
    least: int = 0
    unit: int = 1
    every_s: float = 0.0

    def believed(self, answer: object) -> int:
        """An answer as a number for its column. Raises ``ValueError`` as ``believed`` does."""
        return believed(answer, self.least, self.most, self.unit)


def believed(answer: object, least: int = 0, most: int = _LARGEST, unit: int = 1) -> int:
    """A driver's number. Raises ``ValueError`` where it is none, or can't be true."""
    answer = getattr(answer, "value", answer)  # of ctypes
    if isinstance(answer, bool) or not isinstance(answer, int | float):
        raise ValueError(f"the driver gives {str(answer)[:40]!r}, which is no number")  # noqa: TRY004
    if answer in _NONE:
        raise ValueError("the driver says that it isn't available")
    if not least <= answer * unit <= most:
        raise ValueError(f"the driver gives {answer}, which can't be")
    return round(answer * unit)


def _memory(nvml: Any, handle: Any) -> Sequence[object]:
    """Used without what the driver keeps for itself, as nvidia-smi has it, if the driver can."""
    try:
        memory = nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2)
    except Exception as error:
        of_old = isinstance(error, AttributeError | TypeError)
        if not of_old and number(error) not in {FUNCTION_NOT_FOUND, *_WRONG_VERSION}:
            raise
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    return memory.used, memory.total


def _power_instant(nvml: Any, handle: Any) -> Sequence[object]:
    (field,) = nvml.nvmlDeviceGetFieldValues(handle, [_POWER_INSTANT])
    if field.nvmlReturn:
        raise nvml.NVMLError(field.nvmlReturn)
    return [getattr(field.value, _FIELD_TYPES[field.valueType])]


def _throttle_reasons(nvml: Any, handle: Any) -> Sequence[object]:
    try:
        return [nvml.nvmlDeviceGetCurrentClocksEventReasons(handle)]
    except Exception as error:
        if not isinstance(error, AttributeError) and number(error) != FUNCTION_NOT_FOUND:
            raise
        return [nvml.nvmlDeviceGetCurrentClocksThrottleReasons(handle)]  # its name of old


ENERGY = Figure(
    "energy",
    ("energy_mj",),
    lambda nvml, handle: [nvml.nvmlDeviceGetTotalEnergyConsumption(handle)],
)
FIGURES = (
    Figure(
        "utilisation",
        ("utilisation_percent",),
        lambda nvml, handle: [nvml.nvmlDeviceGetUtilizationRates(handle).gpu],
        most=100,
    ),
    Figure("memory", ("memory_used_bytes", "memory_total_bytes"), _memory, most=2**50),
    Figure(
        "power",
        ("power_mw",),
        lambda nvml, handle: [nvml.nvmlDeviceGetPowerUsage(handle)],
        most=10**8,
    ),
    Figure("instant power", ("power_instant_mw",), _power_instant, most=10**8),
    Figure(
        "temperature",
        ("temperature_c",),
        lambda nvml, handle: [nvml.nvmlDeviceGetTemperature(handle, _CORE_SENSOR)],
        least=-100,
        most=300,
        every_s=SLOW_S,
    ),
    Figure(
        "graphics clock",
        ("graphics_clock_hz",),
        lambda nvml, handle: [nvml.nvmlDeviceGetClockInfo(handle, _GRAPHICS)],
        most=10**11,
        unit=10**6,
        every_s=SLOW_S,
    ),
    Figure(
        "memory clock",
        ("memory_clock_hz",),
        lambda nvml, handle: [nvml.nvmlDeviceGetClockInfo(handle, _MEMORY)],
        most=10**11,
        unit=10**6,
        every_s=SLOW_S,
    ),
    Figure("throttle reasons", ("throttle_reasons",), _throttle_reasons, every_s=SLOW_S),
)
