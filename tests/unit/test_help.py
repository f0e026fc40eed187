"""The help is what the signature and the docstring say."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Annotated

from lg_magics.grammar.catalogue import CATALOGUE
from lg_magics.grammar.help import WIDTH, help_of_all, help_of_command, help_of_noun
from lg_magics.grammar.lookup import command_named, commands
from lg_magics.grammar.parameters import KeyValues, Option, Tail
from lg_magics.grammar.registry import Command, command, command_of


class Session: ...


@command("say", group="Tests")
def say(
    session: Session,
    text: Annotated[str | None, Tail()] = None,
    *,
    assistant: Annotated[str | None, Option("-a", value="NAME")] = None,
    pairs: Annotated[Mapping[str, object] | None, KeyValues("-c")] = None,
    card: bool = True,
    config: Annotated[str | None, Option(everyday=False)] = None,
) -> None:
    """Say something.

    Args:
        text: What to say.
        assistant: To whom it is said, with so many words about it that they will never all fit on the one line.
        pairs: What else.
        card: Show a card.
        config: Seldom used.

    Example:
        %lg_say hello
    """


def found(function: object) -> Command:
    result = command_of(function)
    assert result is not None
    return result


def test_the_help_of_a_command_shows_its_everyday_options_aligned() -> None:
    assert help_of_command(found(say)) == textwrap.dedent(
        """\
        %lg_say [options] [TEXT]        or %%lg_say [options], and TEXT in the lines below

        Say something.

          TEXT  What to say.

          -a, --assistant NAME  To whom it is said, with so many words about it that they will never all fit
                                on the one line.
          -c, --pairs K=V       What else.
              --[no-]card       Show a card.
          -o, --output NAME     Bind the result to this name too.
              --quiet           Show nothing.
          -f, --format          Fill in {name} in the text with Python values.
              --help [all]      This help; --help all has the rare options.

        Example:
          %lg_say hello

        In Python: lg.say(text, assistant=…, pairs=…, …)

        1 rare option: %lg_say --help all"""
    )


def test_the_help_of_all_options_has_the_rare_ones() -> None:
    text = help_of_command(found(say), with_rare=True)
    assert "--config CONFIG" in text
    assert "rare option:" not in text


def test_the_help_of_a_noun_lists_its_verbs() -> None:
    text = help_of_noun("thread", [command_named("thread new"), command_named("thread use")])
    assert text.startswith("%lg_thread VERB …\n\n  new ")
    assert "  use THREAD  Make a thread the current one" in text


def test_the_help_of_everything_has_every_command() -> None:
    text = help_of_all(commands())
    assert [each.typed for each in commands() if each.typed not in text] == []


def test_no_line_of_help_is_longer_than_a_page_is_wide() -> None:
    texts = [help_of_command(command_named(name), with_rare=True) for name in CATALOGUE]
    lines = "\n".join([*texts, help_of_all(commands())]).splitlines()
    assert [line for line in lines if len(line) > WIDTH] == []
