"""Which licences a text holds: told by their titles, or by words that only they have."""

from __future__ import annotations

import re

from stages.engines.untrusted import words

_LONGEST = 80  # characters of a name
_MOST = 2**20  # characters that are looked at; the longest licences have some 40,000

_BSD = "redistribution and use in source and binary forms"
# Where SPDX has an identifier it is the name, else the one that model cards use. What a text says
# is in small letters with single spaces; of two that begin at the same place the first counts.
_LICENSES = {
    "Apache-2.0": r"apache license,? version 2\.0",
    "MIT": r"\bmit license\b|permission is hereby granted, free of charge, to any person obtaining",
    "BSD-3-Clause": rf"bsd[ -]3[ -]clause|{_BSD}(?:(?!{_BSD}).){{0,1500}}?neither the name of",
    "BSD-2-Clause": rf"bsd[ -]2[ -]clause|{_BSD}",
    # With their dates, as other licences speak of them.
    "AGPL-3.0": r"gnu affero general public license version 3, 19 november 2007",
    "LGPL-3.0": r"gnu lesser general public license version 3, 29 june 2007",
    "LGPL-2.1": r"gnu lesser general public license version 2\.1, february 1999",
    "GPL-3.0": r"gnu general public license version 3, 29 june 2007",
    "GPL-2.0": r"gnu general public license version 2, june 1991",
    "MPL-2.0": r"mozilla public license,? version 2\.0",
    "CC0-1.0": r"cc0 1\.0 universal",
    "CC-BY-4.0": r"attribution 4\.0 international|\bcc[ -]by[ -]4\.0",
    "CC-BY-SA-4.0": r"attribution-sharealike 4\.0 international|\bcc[ -]by-sa[ -]4\.0",
    "CC-BY-ND-4.0": r"attribution-noderivatives 4\.0 international|\bcc[ -]by-nd[ -]4\.0",
    "CC-BY-NC-4.0": r"attribution-noncommercial 4\.0 international|\bcc[ -]by-nc[ -]4\.0",
    "CC-BY-NC-SA-4.0": r"attribution-noncommercial-sharealike 4\.0 int|\bcc[ -]by-nc-sa[ -]4\.0",
    "CC-BY-NC-ND-4.0": r"attribution-noncommercial-noderivatives 4\.0 i|\bcc[ -]by-nc-nd[ -]4\.0",
    "llama2": r"\bllama 2 community license",
    "llama3": r"\bllama 3 community license",
    "llama3.1": r"\bllama 3\.1 community license",
    "llama3.2": r"\bllama 3\.2 community license",
    "llama3.3": r"\bllama 3\.3 community license",
    "llama4": r"\bllama 4 community license",
    "gemma": r"\bgemma terms of use",
    "qwen": r"\bqwen license agreement",
    "qwen-research": r"\bqwen research license agreement",
    "tongyi-qianwen": r"\btongyi qianwen license agreement",
    "tongyi-qianwen-research": r"\btongyi qianwen research license agreement",
    "deepseek": r"\bdeepseek license agreement",
}
_PATTERNS = [(name, re.compile(pattern)) for name, pattern in _LICENSES.items()]
_BY_NAME = {name.lower(): name for name in _LICENSES}


def license_of(text: str) -> str | None:
    """Every licence in a text, ``MIT, llama3.3``, as they stand in it; null for an empty text.

    A text that holds none of the known ones is told by its own first line.
    """
    plain = " ".join(text[:_MOST].lower().split())
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    found: dict[int, str] = {}
    for name, pattern in _PATTERNS:
        for match in pattern.finditer(plain):
            found.setdefault(match.start(), name)
    if found:
        return ", ".join(dict.fromkeys(found[place] for place in sorted(found)))
    lines = (words(line, _LONGEST) for line in text.splitlines())
    return next((line for line in lines if line), None)
