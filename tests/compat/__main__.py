"""`make test-compat URL=…`: what a deployment supports, as a table. It needs the demo's graphs (scripts/compat/graphs.py).

    python -m tests.compat http://127.0.0.1:2024 [other-process-of-the-same-deployment]

Each line of the table is a real command against the real deployment. Three words are possible:

    yes    it did what it does on LangGraph's own newest server
    no     the deployment lacks it, and one clear line said so
    WRONG  an answer that is not true, an error that is not clear, or no end in a minute: the exit code is 1
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass

from lg_magics.commands import deployment
from lg_magics.errors import LgError, Unsupported
from lg_magics.session import Session

from .checks import CHECKS, TWO_PROCESSES, Check, Ignored

SECONDS = 60
LONG = 180  # a batch of 100
WIDTH = 100


@dataclass(frozen=True)
class Found:
    """What became of a check."""

    check: Check
    word: str
    said: str
    seconds: float


def within(seconds: float, call: Callable[[], object]) -> object:
    """What a call gives, if it ends in time."""
    done: Future[object] = Future()

    def run() -> None:
        try:
            done.set_result(call())
        except BaseException as problem:  # noqa: BLE001 - raised where it is waited for
            done.set_exception(problem)

    threading.Thread(target=run, daemon=True).start()
    return done.result(seconds)


def found_by(check: Check, *sessions: Session) -> Found:
    began = time.monotonic()
    try:
        within(LONG if len(sessions) > 1 else SECONDS, lambda: check.run(*sessions))
        word, said = "yes", ""
    except Ignored as problem:
        word, said = "no", str(problem)
    except Unsupported as problem:
        word, said = "no", problem.message
    except FutureTimeout:
        word, said = "WRONG", "no end in time"
    except LgError as problem:
        word, said = "WRONG", f"{type(problem).__name__}: {problem}"
    except Exception as problem:  # noqa: BLE001 - the table counts them
        word, said = "WRONG", f"{type(problem).__name__}: {problem}"
    return Found(check, word, " ".join(said.split())[:WIDTH], time.monotonic() - began)


def main(urls: list[str]) -> int:
    sessions = [Session() for _ in urls]
    for session, url in zip(sessions, urls, strict=True):
        deployment.connect(session, url, assistant="agent")
    info = sessions[0].connection.info
    print(f"{urls[0]}, version {info.version or 'unknown'}\n")
    print("| command | supported | |\n|---|---|---|", flush=True)
    counts: dict[str, int] = {}
    for check in CHECKS if len(urls) == 1 else TWO_PROCESSES:
        found = found_by(check, *sessions)
        counts[found.word] = counts.get(found.word, 0) + 1
        print(f"| `{check.line}` | {found.word} | {found.said} |", flush=True)
    print("\n" + ", ".join(f"{count} {word}" for word, count in sorted(counts.items())))
    for session in sessions:
        session.close()
    return 1 if counts.get("WRONG") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
