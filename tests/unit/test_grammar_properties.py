"""What holds for the grammar whatever is typed."""

from __future__ import annotations

import contextlib
import string

import hypothesis.strategies as st
from hypothesis import example, given

from lg_magics.errors import CommandError
from lg_magics.grammar.read import call_from_line
from lg_magics.grammar.registry import Command, command_of
from lg_magics.grammar.words import SPACE

from .test_grammar import NAMES, debug, pack, rename, resume, say, set_defaults, wait

COMMANDS: list[Command] = [
    found for each in (say, rename, wait, set_defaults, debug, resume, pack) if (found := command_of(each))
]
SAY = COMMANDS[0]
OWN_WORDS = [flag for each in (*SAY.options, *SAY.magic_options) for flag in each.flags]

texts = st.text(min_size=1).filter(lambda text: text[0] not in "-$" + SPACE)
words = st.one_of(
    st.sampled_from([*OWN_WORDS, "--", "-", "--assistant=", "-c k=v", "$run", "$run.values['", "'", '"', "{", "all"]),
    st.text(alphabet=string.printable, max_size=8),
)
lines = st.lists(words, max_size=8).map(" ".join)


@given(texts)
@example("it's {json: 1} $HOME # ?;")
def test_text_without_own_options_arrives_verbatim(text: str) -> None:
    if not any(word.partition("=")[0] in OWN_WORDS for word in text.split()):
        assert call_from_line(SAY, text).options == {"text": text}


@given(texts)
def test_any_text_after_two_dashes_arrives_verbatim(text: str) -> None:
    assert call_from_line(SAY, f"--wait -- {text}").options == {"wait": True, "text": text}


@given(st.text().filter(str.strip))
def test_any_body_arrives_verbatim_but_for_its_last_newline(body: str) -> None:
    assert call_from_line(SAY, "--wait", body + "\n").options == {"wait": True, "text": body}


@given(st.sampled_from(COMMANDS), lines, st.none() | st.text())
@example(SAY, "-i [" + "[" * 100_000, None)
@example(SAY, "-c k:=" + "[" * 100_000, None)
@example(SAY, "-i $items[" + "9" * 5000 + "]", None)
@example(SAY, "--timeout " + "9" * 5000, None)
@example(SAY, "-f {0.__class__}", None)
def test_a_line_is_read_or_refused_and_nothing_else(command: Command, line: str, body: str | None) -> None:
    with contextlib.suppress(CommandError):
        call_from_line(command, line, body, NAMES)


@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), st.text(alphabet=string.printable), max_size=4))
def test_quoted_pairs_arrive_as_they_are(pairs: dict[str, str]) -> None:
    quoted = [value.replace("\\", "\\\\").replace('"', '\\"') for value in pairs.values()]
    line = " ".join(f'-c {key}="{value}"' for key, value in zip(pairs, quoted, strict=True))
    assert call_from_line(SAY, line).options.get("configurable", {}) == pairs
