"""How often ``abstains`` is right on real answers to questions that lack a premise.

The traces (arXiv 2504.06514, MIT) aren't part of the project: give their folder as the argument or
in ``OVERTHINK_TRACES`` (it holds ``response/svamp/MiP/MODEL/response.json``). In its set ``svamp``
one problem's story is glued to another's question. The truth is ``abstention_reread.csv``: every
label of the traces' own judge, read again, with the reason. Where judge and rules agreed, the
sentence that decided and the end were read; elsewhere, all. Rows marked doubtful are those on which
readers may differ; the figures show what becomes of the accuracy without them, and if each of them
were read the other way. Gemma227 and part of DSQ (0 to 43, 230 to 299) were read while the rules
were written, the others not before they stood.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import polars as pl

from stages.heuristics.abstains import HEURISTIC
from stages.plans.score import ScorePlan
from stages.validating.figures import balanced, measure

REREAD = Path(__file__).parent / "abstention_reread.csv"
# Whether its answers stand behind a lone </think>; without one the answer was cut off.
THINKS = {"DSQ": True, "Qwen32": False, "Gemma227": False}
OTHER_SETS = ("formula/MiP", "math/MiP", "math/normal")
JUDGED = {0: "abstained", 1: "answered", 2: "wrong", 3: "format"}


def answers(folder: Path, of_set: str, model: str) -> pl.DataFrame:
    """``answer`` (null where it was cut off) and the judge's number of each trace."""
    rows = json.loads((folder / "response" / of_set / model / "response.json").read_text())
    texts = [row["model_answer"] for row in rows]
    if THINKS[model]:
        texts = [[*text.split("</think>", 1), None][1] for text in texts]
    judge = [int(row["eval_result"]) for row in rows]
    return pl.DataFrame(
        {"answer": texts, "judge": judge}, schema={"answer": pl.String, "judge": pl.Int64}
    )


def given(found: pl.DataFrame) -> list[bool | None]:
    """The verdicts."""
    frame = found.select(pl.int_range(pl.len()).cast(pl.String).alias("response_id"), "answer")
    settings = ScorePlan.model_construct()
    return HEURISTIC.compute(frame, settings).values["abstains"].to_list()


def line(name: str, rows: pl.DataFrame) -> None:
    """Print balanced accuracy and both recalls."""
    truth, said = rows["label"].to_list(), rows["given"].to_list()
    groups = rows["index"].cast(pl.String).to_list()
    figure = measure((False, True), truth, said, groups, {"x": balanced})["x"]
    right = [one == other for one, other in zip(truth, said, strict=True)]
    counts = [
        f"{what} {sum(r for r, t in zip(right, truth, strict=True) if t == true)} of "
        f"{truth.count(true)}"
        for what, true in (("abstentions", True), ("answers", False))
    ]
    print(
        f"{name}: balanced accuracy {figure['value']} ({figure['low']} to {figure['high']}, "
        f"n = {figure['n']}; {counts[0]}, {counts[1]})"
    )


def main() -> None:
    where = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("OVERTHINK_TRACES")
    if not where or not (Path(where) / "response").is_dir():
        print("abstention: skipped: no traces (give their folder, or set OVERTHINK_TRACES)")
        return
    folder = Path(where)
    reread = pl.read_csv(REREAD).filter(pl.col("label") != "none")
    verdicts = pl.concat(
        pl.DataFrame({"given": given(answers(folder, "svamp/MiP", model))})
        .with_row_index("index")
        .with_columns(pl.lit(model).alias("model"), pl.col("index").cast(pl.Int64))
        for model in THINKS
    )
    rows = reread.with_columns(pl.col("label") == "abstains").join(verdicts, on=["model", "index"])
    for model in THINKS:
        line(f"svamp, {model}", rows.filter(pl.col("model") == model))
    line("svamp, pooled", rows)
    doubtful = pl.col("doubtful") == "yes"
    line("svamp, pooled, without the doubtful", rows.filter(~doubtful))
    line("svamp, pooled, the doubtful turned round", rows.with_columns(pl.col("label") ^ doubtful))
    judged = rows.with_columns((pl.col("judge") == 0).alias("label"))
    line("svamp, pooled, against the judge as it stands", judged)
    for of_set in OTHER_SETS:
        for model in ("DSQ", "Qwen32"):
            found = answers(folder, of_set, model)
            table = found.with_columns(pl.Series("given", given(found), dtype=pl.Boolean))
            counts = table.group_by("judge").agg(
                pl.col("given").sum(), pl.col("given").is_null().sum().alias("null"), pl.len()
            )
            told = "; ".join(
                f"{row['given']} of {row['len']} that the judge calls {JUDGED[row['judge']]}"
                + (f" ({row['null']} without a verdict)" if row["null"] else "")
                for row in counts.sort("judge").to_dicts()
            )
            print(f"{of_set}, {model}: abstain {told}")


if __name__ == "__main__":
    main()
