"""What the engines' tests share: a server that fails as it is told to, and a model behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from stages.engines.protocol import Running
from stages.manifest import Manifest
from stages.plans.units import Asking, Limits
from tests.engines.fault_server import FaultServer
from tests.engines.models import model_at


@pytest.fixture(scope="session", autouse=True)
def _no_registry() -> Iterator[None]:
    """Whatever would be asked beyond this machine fails at once: nobody is there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
        yield


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as server:
        yield server


@pytest.fixture
def model(
    path: str, server: FaultServer, manifest: Manifest, asking: Asking, limits: Limits
) -> Iterator[Running]:
    """A model of the engine that chats at ``path``, which a test is given as a parameter."""
    with model_at(path, server, manifest, asking, limits) as model:
        yield model
