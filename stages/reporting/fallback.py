"""Rendering without Quarto: Jupyter runs the cells, Pandoc and Typst (from PyPI) do the rest."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
import pypandoc
import typst
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from stages.errors import RunFailed
from stages.reporting.qmd import Document, parse

FORMAT = "markdown-tex_math_dollars-tex_math_single_backslash-raw_tex-raw_html"
_KNOWN = ("title", "author", "date", "lang")
_CELL_TIMEOUT_S = 600
_LONGEST = 2_000
_LONGEST_SOCKET_FOLDER = 80  # of the hundred or so characters that a socket file may have


def describe() -> str:
    """What renders the page, with versions."""
    return (
        f"nbclient {version('nbclient')}, Pandoc {pypandoc.get_pandoc_version()} and "
        f"Typst {version('typst')}"
    )


def render(folder: Path, environment: Mapping[str, str]) -> None:
    """Render ``folder/report.qmd`` to ``report.html`` and ``report.pdf`` beside it.

    ``environment`` is the kernel's. Raises ``RunFailed`` with what went wrong.
    """
    try:
        document = parse((folder / "report.qmd").read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunFailed(f"reports/report.qmd: {error}") from None
    text = document.markdown(_execute(document, folder, environment))
    known = {name: document.header[name] for name in _KNOWN if name in document.header}
    (folder / "metadata.json").write_text(json.dumps(known), encoding="utf-8")
    common = ["--metadata-file", "metadata.json", "--standalone"]
    html = document.header["format"]["html"]
    options = ["--to", "html5", "--embed-resources", "--mathml", "--css", html["css"]]
    options += ["--toc", "--toc-depth", str(html["toc-depth"])]
    _pandoc([*common, *options, "--output", "report.html"], text, folder)
    paper = document.header["format"]["typst"]
    options = ["--to", "typst", "--include-in-header", paper["include-in-header"]]
    options += ["--variable", f"papersize={paper['papersize']}"]
    _pandoc([*common, *options, "--output", "report.typ"], text, folder)
    _typeset(folder, int(environment["SOURCE_DATE_EPOCH"]))


def _execute(document: Document, folder: Path, environment: Mapping[str, str]) -> list[str]:
    """What each cell printed."""
    make: Any = nbformat.v4  # its functions are untyped
    cells = [make.new_code_cell(cell.code, id=cell.label) for cell in document.cells]
    notebook = make.new_notebook(cells=cells)
    client = NotebookClient(notebook, timeout=_CELL_TIMEOUT_S)
    short = len(str(folder)) < _LONGEST_SOCKET_FOLDER
    # Set rather than passed, so that the client ends the kernel when it is done.
    client.km = AsyncKernelManager(
        # No folder of kernels is searched: this very Python runs the page, whatever else is there.
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
        kernel_name="python3",
        # Sockets that are files, where there are such: no other program can listen in.
        transport="ipc" if os.name == "posix" and short else "tcp",
        connection_file=str(folder / "kernel.json"),
    )
    try:
        client.execute(cwd=str(folder), env=dict(environment))
    except CellExecutionError as error:
        raise RunFailed(f"reports/report.qmd: {error.ename}: {error.evalue}") from None
    return [
        "".join(output.text for output in cell.outputs if output.get("name") == "stdout")
        for cell in notebook.cells
    ]


def _pandoc(options: list[str], text: str, folder: Path) -> None:
    done = subprocess.run(
        [pypandoc.get_pandoc_path(), "--from", FORMAT, "--fail-if-warnings", *options],
        input=text,
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise RunFailed(f"Pandoc couldn't make the report: {done.stderr.strip()[-_LONGEST:]}")


def _typeset(folder: Path, timestamp: int) -> None:
    try:
        typst.compile(
            folder / "report.typ",
            output=folder / "report.pdf",
            root=folder,
            timestamp=timestamp,
        )
    except typst.TypstError as error:
        raise RunFailed(f"Typst couldn't make the report: {str(error)[-_LONGEST:]}") from None
