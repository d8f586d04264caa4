from __future__ import annotations

from stages.validating.loops import measured
from tests.heuristics.table import SETTINGS


def test_the_labels_are_measured_by_the_published_definition() -> None:
    # the settings of the tests call three words twice a loop
    figures = measured(SETTINGS)["measures"]
    assert figures["recall"]["value"] == 1  # one is just a loop, and one just none
    assert figures["precision"]["value"] == 1
    assert figures["precision"]["n"] >= 30
