"""A language model of a megabyte that no engine could run, but every one can describe."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np

TEMPLATE = "{{ .Prompt }}"
LICENSE = "MIT License\n\nCopyright (c) nobody\n\nPermission is hereby granted, free of charge, to"
WIDTH = 512


def tiny_gguf(path: Path, value: int = 1) -> bytes:
    """Write it, filled with ``value``, and give its bytes."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("Tiny")
    writer.add_context_length(2048)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_head_count(4)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_tensor("token_embd.weight", np.full((WIDTH, WIDTH), value, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path.read_bytes()


def tiny_layers(path: Path, value: int = 1) -> dict[str, bytes]:
    """The layers of such a model as a registry has them."""
    config = {"model_format": "gguf", "model_family": "llama", "file_type": "F32"}
    return {
        "model": tiny_gguf(path, value),
        "template": TEMPLATE.encode(),
        "license": LICENSE.encode(),
        "config": json.dumps(config).encode(),
    }
