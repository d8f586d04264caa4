"""A conversation with one model that runs alone: turn by turn, each kept by itself."""

from __future__ import annotations

from stages.engines.protocol import EngineError
from stages.measuring.attempts import attempt
from stages.measuring.conversation import Conversation
from stages.measuring.raw_tables import Name
from stages.measuring.residents import Residents
from stages.measuring.session import Measuring
from stages.measuring.work import Work


def recall(conversation: Conversation, work: Work) -> None:
    """Go through the turns that the journal can answer, as far as it can."""
    setting, unit = conversation.setting, conversation.unit
    if setting.serving is None:
        return  # nobody knows what would have been asked
    name = Name(setting.asking.key, unit.prompt_id, setting.test)
    label = ((name.model,), name.prompt_id, name.test)
    while not conversation.done and conversation.failed is None:
        found = work.find(conversation.unit_id, label, [setting.serving.engine_version])
        if found is None:
            return
        work.reuse(found, [name])
        answer = found.answers[0]
        conversation.answered(answer.record["stop"], answer.stream.chunks())


def converse(
    conversation: Conversation,
    residents: Residents,
    session: Measuring,
    work: Work,
    retries: int,
) -> None:
    """Ask the turns that are left. A model that can't be loaded refuses them all."""
    key = conversation.setting.asking.key
    reason: str | None = None
    while not conversation.done:
        work.interruption.check()
        identity = conversation.unit_id
        if reason or conversation.failed:
            asked = conversation.refused(reason or conversation.failed or "", session.session_id)
        else:
            try:
                (asked,) = attempt(
                    residents,
                    [key],
                    retries,
                    f"{key}: {conversation.unit.prompt_id}",
                    lambda running, tries: [
                        conversation.ask(
                            running[key], session.session_id, tries, running[key].held()
                        )
                    ],
                )
            except EngineError as error:
                reason = str(error)
                work.say_once(f"{key}: {reason}")
                continue
        work.keep(identity, [asked])
        conversation.answered(asked.record["stop"], asked.recording.chunks)


def refuse(conversation: Conversation, session: Measuring, work: Work, reason: str) -> None:
    """A row for every turn that is left, which says why it wasn't asked."""
    while not conversation.done:
        identity = conversation.unit_id
        work.keep(identity, [conversation.refused(reason, session.session_id)])
        conversation.answered("refused", [])
