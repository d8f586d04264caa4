from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stages.engines.protocol import Chunk
from stages.journal.recording import Recording, Stream

CHUNKS = st.lists(
    st.builds(
        Chunk,
        st.integers(0, 1),
        st.integers(0, 2**62),
        st.sampled_from(["content", "thinking", "injected"]),
        st.text(),
        st.none() | st.integers(0, 5),
    ),
    max_size=20,
)


def read(recording: Recording) -> Stream:
    return Stream.model_validate_json(recording.columns())


@given(CHUNKS)
def test_chunks_come_back_as_they_arrived(chunks: list[Chunk]) -> None:
    recording = Recording()
    for chunk in chunks:
        recording.add(chunk)
    assert list(read(recording).chunks()) == recording.chunks == chunks


def test_neighbours_that_agree_are_counted_and_times_are_differences() -> None:
    recording = Recording()
    for chunk in (
        Chunk(0, 1000, "thinking", "a", 1),
        Chunk(0, 1007, "thinking", "b", 1),
        Chunk(1, 1009, "content", "c", None),
    ):
        recording.add(chunk)
    stream = read(recording)
    assert stream.runs == [(0, "thinking", 1, 2), (1, "content", None, 1)]
    assert stream.t_ns == [1000, 7, 2]


def test_half_a_character_is_replaced_and_costs_nothing_else() -> None:
    recording = Recording()
    recording.add(Chunk(0, 1, "content", "a\ud800b", 1))
    assert read(recording).text == ["a\ufffdb"]
