from __future__ import annotations

import pytest

from stages.transcript.code import code_spans


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no code", []),
        ("a `b` c", ["`b`"]),
        ("a ``b ` c`` d", ["``b ` c``"]),
        ("a `b\nc` d", []),
        ("a `b", []),
        ("```py\nx\n```\ny", ["```py\nx\n```\n"]),
        ("~~~\nx\n```\n~~~", ["~~~\nx\n```\n~~~"]),
        ("```\nx", ["```\nx"]),
        ("````\n```\nx\n````\n`y`", ["````\n```\nx\n````\n", "`y`"]),
        ("```x``` `y`", ["```x```", "`y`"]),
        ("    ```\n`x`", ["`x`"]),
    ],
)
def test_code(text: str, code: list[str]) -> None:
    assert [text[start:end] for start, end in code_spans(text)] == code
