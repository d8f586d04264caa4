"""A licence is known by its text, however that is broken into lines."""

from __future__ import annotations

import pytest

from stages.engines.licenses import license_of

MIT = """MIT License

Copyright (c) 2023 DeepSeek

Permission is hereby granted, free of charge, to any person obtaining a copy
"""
APACHE = """
                                 Apache License
                           Version 2.0, January 2004
                        http://www.apache.org/licenses/
"""
BSD2 = """Copyright (c) someone

Redistribution and use in source and binary forms, with or without
modification, are permitted provided that the following conditions are met:
1. Redistributions of source code must retain the above copyright notice
"""
BSD3 = f"{BSD2}3. Neither the name of the copyright holder nor the names of its contributors\n"
GPL3 = """
                    GNU GENERAL PUBLIC LICENSE
                       Version 3, 29 June 2007
  13. Use with the GNU Affero General Public License.
  a work licensed under version 3 of the GNU Affero General Public License into a single
"""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (MIT, "MIT"),
        (MIT.partition("\n")[2], "MIT"),  # without its title
        ("The MIT License (MIT)\n", "MIT"),
        (APACHE, "Apache-2.0"),
        ('Licensed under the Apache License, Version 2.0 (the "License")', "Apache-2.0"),
        (BSD2, "BSD-2-Clause"),
        (BSD3, "BSD-3-Clause"),
        (f"BSD 3-Clause License\n{BSD3}", "BSD-3-Clause"),
        (GPL3, "GPL-3.0"),
        ("GNU AFFERO GENERAL PUBLIC LICENSE\n Version 3, 19 November 2007", "AGPL-3.0"),
        ("GNU LESSER GENERAL PUBLIC LICENSE\n Version 2.1, February 1999", "LGPL-2.1"),
        ("Creative Commons Attribution 4.0 International Public License", "CC-BY-4.0"),
        ("Attribution-NonCommercial 4.0\nInternational", "CC-BY-NC-4.0"),
        ("Attribution-NonCommercial-ShareAlike 4.0 International", "CC-BY-NC-SA-4.0"),
        ("LLAMA 2 COMMUNITY LICENSE AGREEMENT\nLlama 2 Version Release Date", "llama2"),
        ("META LLAMA 3 COMMUNITY LICENSE AGREEMENT\n", "llama3"),
        ("LLAMA 3.1 COMMUNITY LICENSE AGREEMENT\n", "llama3.1"),
        ("LLAMA 3.2 COMMUNITY LICENSE AGREEMENT\n", "llama3.2"),
        ("LLAMA 3.3 COMMUNITY LICENSE AGREEMENT\n", "llama3.3"),
        ("Gemma Terms of Use\n\nLast modified: March 24, 2025", "gemma"),
        ("Qwen LICENSE AGREEMENT\n\nQwen LICENSE AGREEMENT Release Date", "qwen"),
        ("Qwen RESEARCH LICENSE AGREEMENT\n", "qwen-research"),
        ("Tongyi Qianwen LICENSE AGREEMENT\n", "tongyi-qianwen"),
        ("DEEPSEEK LICENSE AGREEMENT\n\nVersion 1.0, 23 October 2023", "deepseek"),
        ("apache-2.0\n", "Apache-2.0"),
    ],
)
def test_a_known_licence_has_its_name(text: str, name: str) -> None:
    assert license_of(text) == name


def test_several_licences_are_all_named_in_their_order() -> None:
    llama = "LLAMA 3.3 COMMUNITY LICENSE AGREEMENT\nLlama 3.3 Acceptable Use Policy\n"
    assert license_of(MIT + llama) == "MIT, llama3.3"
    assert license_of(llama + MIT) == "llama3.3, MIT"
    assert license_of(BSD2 + APACHE) == "BSD-2-Clause, Apache-2.0"
    assert license_of(APACHE + APACHE) == "Apache-2.0"


def test_an_unknown_text_is_told_by_its_first_line() -> None:
    assert license_of("\n \n  Ask\x07 us   first \nmore") == "Ask us first"
    assert license_of("x" * 200) == "x" * 80
    assert license_of(" \n") is None


@pytest.mark.timeout(20)
def test_a_hostile_text_is_read_in_time() -> None:
    start = "redistribution and use in source and binary forms "
    assert license_of(start * 20_000) == "BSD-2-Clause"
    assert license_of(start + "neither the name " * 60_000) == "BSD-2-Clause"
