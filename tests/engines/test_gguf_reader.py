from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import pytest

from stages.engines.gguf_facts import read_facts
from stages.engines.gguf_reader import Reader
from stages.engines.weights import locate
from tests.conftest import WEIGHTS


def made(path: Path, endian: gguf.GGUFEndian = gguf.GGUFEndian.LITTLE) -> Path:
    writer = gguf.GGUFWriter(path, "llama", endianess=endian)
    writer.add_array("strings", ["", "tea", "né 漢", "x" * 300])
    writer.add_array("numbers", [3, -1, 2**31 - 1])
    writer.add_array("floats", [0.5, -2.0])
    writer.add_array("flags", [True, False])
    writer.add_string("word", "alone")
    writer.add_tensor("t", np.arange(6, dtype=np.float32).reshape(2, 3))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def same(path: Path) -> None:
    ours, theirs = Reader(path), gguf.GGUFReader(path)
    assert list(ours.fields) == list(theirs.fields)
    for name, field in theirs.fields.items():
        assert ours.fields[name].types == field.types, name
        assert ours.fields[name].contents() == field.contents(), name
    for one, other in zip(ours.tensors, theirs.tensors, strict=True):
        assert (one.name, one.tensor_type, one.data_offset) == (
            other.name,
            other.tensor_type,
            other.data_offset,
        )
        assert (one.data == other.data).all()


def test_it_reads_what_the_package_reads(tmp_path: Path) -> None:
    same(made(tmp_path / "tiny.gguf"))
    found = Reader(tmp_path / "tiny.gguf").fields
    assert found["strings"].contents() == ["", "tea", "né 漢", "x" * 300]
    assert found["numbers"].contents() == [3, -1, 2**31 - 1]


def test_it_reads_the_other_order_of_bytes(tmp_path: Path) -> None:
    same(made(tmp_path / "big.gguf", gguf.GGUFEndian.BIG))


@pytest.mark.model
def test_it_reads_a_whole_vocabulary() -> None:
    same(locate(WEIGHTS))


def test_a_file_that_ends_anywhere_is_no_readable_one(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.gguf").read_bytes()
    cut = tmp_path / "cut.gguf"
    for size in range(0, len(whole) - 24, 7):
        cut.write_bytes(whole[:size])
        with pytest.raises(ValueError, match="no readable GGUF"):
            read_facts(cut)


def test_an_array_that_claims_to_be_endless_is_no_readable_one(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole.gguf").read_bytes()
    place = whole.index(b"strings") + len("strings") + 4 + 4
    assert int.from_bytes(whole[place : place + 8], "little") == 4
    endless = tmp_path / "endless.gguf"
    endless.write_bytes(whole[:place] + (2**60).to_bytes(8, "little") + whole[place + 8 :])
    with pytest.raises(ValueError, match="no readable GGUF"):
        read_facts(endless)
