"""A conversation with a whole roster at the same time, kept whole or not at all."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

from stages.engines.protocol import EngineError, Running
from stages.measuring.attempts import attempt
from stages.measuring.conversation import Asked, Conversation, Setting
from stages.measuring.raw_tables import Name
from stages.measuring.residents import Residents
from stages.measuring.session import Measuring
from stages.measuring.unit_id import block_id
from stages.measuring.work import Work
from stages.plans.units import Unit

Settings = Mapping[str, Setting]
"""By model key, in the roster's order."""

HEARD_WITHIN_S = 0.2
"""At most so long after a Ctrl-C that comes while we begin to wait is it acted on, s. Python
handles a signal in the main thread, which nothing wakes if it comes just before the wait, or if
the system gives it to another thread."""


def recall_together(unit: Unit, settings: Settings, work: Work) -> bool:
    """Take the whole roster's responses from the journal; false where it doesn't have them."""
    servings = [setting.serving for setting in settings.values()]
    known = [serving.engine_version for serving in servings if serving]
    if len(known) < len(settings):
        return False
    test = next(iter(settings.values())).test
    found = work.find(
        _identity(unit, settings), (tuple(sorted(settings)), unit.prompt_id, test), known
    )
    if found is None:
        return False
    responses = found.entry.head.responses
    keys = _present_keys({response.model: response.member for response in responses}, settings)
    work.reuse(found, [Name(keys[response.model], unit.prompt_id, test) for response in responses])
    return True


def converse_together(
    unit: Unit,
    settings: Settings,
    residents: Residents,
    session: Measuring,
    work: Work,
    retries: int,
) -> None:
    """Ask every turn of all models at once; after a passing fault of one, of all again."""
    work.interruption.check()
    test = next(iter(settings.values())).test

    def ask(running: Mapping[str, Running], tries: int) -> Sequence[Asked]:
        crowded = _crowded(running)
        responses = ask_at_once(unit, settings, running, session.session_id, tries, patient=crowded)
        if crowded or _crowded(running):
            work.say_once(
                f"{', '.join(settings)} took turns: they weren't all in memory at once, so no "
                f"slowdown is told from it; once they fit, `overthink journal clear {test} && "
                f"dvc repro --force sidebyside@{test}` asks anew"
            )
        return responses

    names = ", ".join(settings)
    try:
        responses = attempt(residents, list(settings), retries, f"{names}: {unit.prompt_id}", ask)
    except EngineError as error:
        work.say_once(f"{names}: {error}")
        refuse_together(unit, settings, session, work, str(error))
    else:
        work.keep(_identity(unit, settings), responses)


def refuse_together(
    unit: Unit, settings: Settings, session: Measuring, work: Work, reason: str
) -> None:
    """A row for every turn of every model, which says why it wasn't asked."""
    responses = [
        asked
        for setting in settings.values()
        for asked in _refusals(Conversation(setting, unit), reason, session.session_id)
    ]
    work.keep(_identity(unit, settings), responses)


def ask_at_once(
    unit: Unit,
    settings: Settings,
    running: Mapping[str, Running],
    session_id: str,
    tries: int,
    *,
    patient: bool = False,
) -> list[Asked]:
    """One thread a model; all wait for each other before each turn.

    Gives each model's turns in order, model after model. ``patient`` as in ``Request``.
    """
    responses: dict[str, list[Asked]] = {key: [] for key in settings}
    start = threading.Barrier(len(settings))
    faults: list[BaseException] = []

    def ask(key: str) -> None:
        try:
            conversation = Conversation(settings[key], unit)
            while not conversation.done:
                model = running[key]
                held = None if conversation.failed else model.held()
                start.wait()
                asked = (
                    conversation.refused(conversation.failed, session_id)
                    if conversation.failed
                    else conversation.ask(model, session_id, tries, held, patient=patient)
                )
                responses[key].append(asked)
                conversation.answered(asked.record["stop"], asked.recording.chunks)
        except BaseException as fault:  # noqa: BLE001 (it is raised again where it is seen)
            faults.append(fault)  # before the others' waiting breaks, which isn't the fault
            start.abort()

    threads = [threading.Thread(target=ask, args=(key,), daemon=True) for key in settings]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():  # a wait without end may sleep through a signal
            thread.join(HEARD_WITHIN_S)
    if faults:
        raise faults[0]
    return [asked for key in settings for asked in responses[key]]


def _crowded(running: Mapping[str, Running]) -> bool:
    """Whether a server hasn't all of these in memory now, by its own word."""
    return any(
        names is not None and model.name not in names
        for model in running.values()
        for names in [model.held()]
    )


def _refusals(conversation: Conversation, reason: str, session_id: str) -> Sequence[Asked]:
    rows = []
    while not conversation.done:
        rows.append(conversation.refused(reason, session_id))
        conversation.answered("refused", [])
    return rows


def _present_keys(recorded: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """What the models of a kept roster are called now; ``recorded`` has their members by key.

    Two of them can be the same member: each keeps its key where it can.
    """
    now = {key: setting.member for key, setting in settings.items()}
    keys = {key: key for key, member in recorded.items() if now.get(key) == member}
    for old, member in recorded.items():
        if old not in keys:
            taken = keys.values()
            keys[old] = next(new for new in now if now[new] == member and new not in taken)
    return keys


def _identity(unit: Unit, settings: Settings) -> str:
    first = next(iter(settings.values()))
    return block_id(
        roster=[setting.member for setting in settings.values()],
        turns=unit.turns,
        seed=unit.seed,
        epoch=unit.epoch,
        carry_thinking=first.carry_thinking,
    )
