"""The answers of the scripted ToDo assistant. Knows simple English sentences; knows no graph and no store.

It reads what a real model would read: the system prompt with the stored memories in it, the conversation,
and the names of the tools at hand. Relative dates count from a fixed day, Thursday 2024-11-14, and a week
ends on Friday night, so `by end of next week` is always 2024-11-22T23:59:59.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, timedelta
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

TODAY = date(2024, 11, 14)

HELP = (
    "I keep your ToDo list. You can say, for example:\n\n"
    "- Add a ToDo to water the plants by tomorrow.\n"
    "- Give me a summary of all ToDos.\n"
    "- What ToDo should I focus on first?\n"
    "- Mark water the plants as done.\n"
    "- My name is Ada and I live in London.\n"
    "- When creating ToDos, always add a phone number."
)

# What is known about some tasks; any other gets the last entry. (word in the task: solutions, minutes)
KNOWN_TASKS: dict[str, tuple[list[str], int]] = {
    "hong kong": (
        ["Check flight prices on Skyscanner", "Book hotel through Booking.com", "Arrange airport transfer"],
        120,
    ),
    "call parents": (
        ["Check calendar for availability", "Discuss travel arrangements", "Confirm dinner plans"],
        15,
    ),
    "": (["Set aside time for it", "Write down the first step"], 30),
}

ADD = re.compile(
    r"(?:add|create|make)\s+(?:a\s+|an\s+|another\s+)?(?:new\s+)?(?:to-?do|task)s?\s*(?:to|for|:)\s*(.+)"
    r"|(?:please\s+)?remind\s+me\s+to\s+(.+)",
    re.IGNORECASE,
)
DONE = re.compile(
    r"mark\s+(.+?)\s+(?:as\s+)?(?:done|complete|completed|finished)\b|i\s+(?:have\s+)?finished\s+(.+)", re.I
)
STARTED = re.compile(r"mark\s+(.+?)\s+(?:as\s+)?(?:started|in progress)\b|i\s+(?:have\s+)?started\s+(.+)", re.I)
PROFILE = {
    "name": re.compile(r"\b(?i:my name is|call me)\s+([A-Z][\w'-]*(?: [A-Z][\w'-]*)*)"),
    "location": re.compile(r"\b(?i:I live in)\s+([A-Z][\w'-]*(?: [A-Z][\w'-]*)*)"),
    "job": re.compile(r"\bI work as (?:an? )?([\w -]+)", re.I),
}
INSTRUCTIONS = re.compile(r"\bwhen (?:you are )?(?:creating|updating|adding|making)[\w\s]* to-?dos?\b", re.I)
WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
FRIDAY = TODAY + timedelta(days=4 - TODAY.weekday())
DAYS = {
    "today": TODAY,
    "tomorrow": TODAY + timedelta(days=1),
    "end of this week": FRIDAY,
    "end of the week": FRIDAY,
    "end of next week": FRIDAY + timedelta(weeks=1),
    "next week": FRIDAY + timedelta(weeks=1),
    "end of the month": date(2024, 11, 30),
    "end of this month": date(2024, 11, 30),
} | {day: TODAY + timedelta(days=(n - TODAY.weekday() - 1) % 7 + 1) for n, day in enumerate(WEEKDAYS)}
DEADLINE = re.compile(
    rf"\s+(?:by\s+|before\s+|until\s+|on\s+)?(?:the\s+)?({'|'.join(DAYS)}|\d{{4}}-\d\d-\d\d)$", re.IGNORECASE
)


def script(messages: list[BaseMessage], tools: list[str]) -> AIMessage:
    """Do what the last human message asks: call the tool at hand, or answer."""
    asked = next((str(m.text) for m in reversed(messages) if isinstance(m, HumanMessage)), "")
    prompt = str(messages[0].text)
    if tools == ["ToDos"]:
        return _call("ToDos", {"todos": changed_todos(asked, _between("stored", prompt))})
    if tools == ["Profile"]:
        return _call("Profile", profile_in(asked))
    if tools == ["Instructions"]:
        return _call("Instructions", {"memory": asked.strip()})
    missing = wanted_updates(asked)[_updates_done(messages) :]
    if missing:
        return _call("UpdateMemory", {"update_type": missing[0]})
    todos = [todo for todo in _between("todo_list", prompt) if todo["status"] != "archived"]
    return AIMessage(answer(asked, todos, _between("user_profile", prompt)))


def wanted_updates(asked: str) -> list[str]:
    """Return which memories a message changes."""
    if INSTRUCTIONS.search(asked):
        return ["instructions"]
    wanted = ["user"] if profile_in(asked) else []
    if any(pattern.search(sentence) for sentence in sentences(asked) for pattern in (ADD, DONE, STARTED)):
        wanted.append("todo")
    return wanted


def profile_in(asked: str) -> dict[str, Any]:
    """Find the facts about the user in a message."""
    found = {name: pattern.search(asked) for name, pattern in PROFILE.items()}
    return {name: match[1].strip() for name, match in found.items() if match}


def sentences(text: str) -> list[str]:
    """Cut text after a full stop, an exclamation or a question mark, and at line ends."""
    return [sentence for part in re.split(r"(?<=[.!?])\s+|\n+", text) if (sentence := part.strip(" .!?"))]


def changed_todos(asked: str, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Work out the ToDos that a message adds or changes."""
    changed = []
    for sentence in sentences(asked):
        if match := ADD.search(sentence):
            changed.append(_new_todo(match[1] or match[2]))
        for pattern, status in ((DONE, "done"), (STARTED, "in progress")):
            if match := pattern.search(sentence):
                named = _named(match[1] or match[2], stored)
                changed.extend({**todo, "status": status} for todo in named)
    return changed


def _new_todo(text: str) -> dict[str, Any]:
    deadline = None
    if match := DEADLINE.search(text):
        text, deadline = text[: match.start()], f"{day_of(match[1]).isoformat()}T23:59:59"
    task = text[0].upper() + text[1:]
    solutions, minutes = next(known for word, known in KNOWN_TASKS.items() if word in task.lower())
    return {
        "task": task,
        "status": "not started",
        "deadline": deadline,
        "solutions": solutions,
        "time_to_complete": minutes,
    }


def day_of(phrase: str) -> date:
    """Turn `tomorrow`, `friday`, `end of next week` or `2024-12-01` into a day, counted from TODAY."""
    return DAYS.get(phrase.lower()) or date.fromisoformat(phrase)


def _named(text: str, stored: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Find the stored ToDo that shares the most words with what the message calls it."""
    if re.search(r"\b(?:all|everything)\b", text, re.IGNORECASE):
        return stored
    words = set(re.findall(r"\w+", text.lower())) - {"the", "a", "to", "todo"}
    shared = {len(words & set(re.findall(r"\w+", todo["task"].lower()))): todo for todo in reversed(stored)}
    return [shared[max(shared)]] if shared and max(shared) else []


def answer(asked: str, todos: list[dict[str, Any]], profile: dict[str, Any]) -> str:
    """Put into words what was done, or what was asked."""
    if done := wanted_updates(asked):
        return " ".join(_confirmation(kind, asked, todos, profile) for kind in done)
    words = asked.lower()
    if "focus" in words or "first" in words:
        return _what_first(todos)
    if re.search(r"\b(?:due|next week|this week)\b", words) and re.search(r"to-?do|due|summary|task", words):
        return _summary(_due_by(todos, TODAY + timedelta(days=8)), "due within a week or so")
    if re.search(r"summar|list|show|what.*(?:to-?do|task)|all to-?dos", words):
        return _summary(todos, "on your list")
    if "who am i" in words or "know about me" in words:
        known = ", ".join(f"{name}: {value}" for name, value in profile.items())
        return f"This is what I know about you: {known}." if known else "I know nothing about you yet."
    return HELP


def _confirmation(kind: str, asked: str, todos: list[dict[str, Any]], profile: dict[str, Any]) -> str:
    if kind == "instructions":
        return "I will keep to that when I look after your ToDos."
    if kind == "user":
        return f"Nice to meet you, {profile['name']}." if profile_in(asked).get("name") else "I will remember that."
    touched = changed_todos(asked, todos)
    if not touched:
        return "I found no such ToDo. Give me a summary of all ToDos shows what there is."
    said = ", ".join(f"{todo['task']!r} ({_status(todo)})" for todo in touched)
    return f"Your ToDo list is up to date: {said}."


def _status(todo: dict[str, Any]) -> str:
    return f"due {_day(todo)}" if todo["status"] == "not started" and todo["deadline"] else str(todo["status"])


def _day(todo: dict[str, Any]) -> str:
    day = date.fromisoformat(todo["deadline"][:10])
    return f"{day:%B} {day.day}, {day.year}"


def _due_by(todos: list[dict[str, Any]], last: date) -> list[dict[str, Any]]:
    return [todo for todo in todos if todo["deadline"] and date.fromisoformat(todo["deadline"][:10]) <= last]


def _summary(todos: list[dict[str, Any]], which: str) -> str:
    if not todos:
        return f"There is nothing {which}."
    head = f"There {'is 1 ToDo' if len(todos) == 1 else f'are {len(todos)} ToDos'} {which}:"
    return "\n\n".join([head, *(_entry(number, todo) for number, todo in enumerate(todos, 1))])


def _entry(number: int, todo: dict[str, Any]) -> str:
    minutes = todo["time_to_complete"]
    lines = [
        f"{number}. **{todo['task']}**",
        f"   - Status: {todo['status']}",
        f"   - Deadline: {_day(todo) if todo['deadline'] else 'none'}",
        f"   - Time needed: {f'{minutes} minutes' if minutes else 'unknown'}",
        "   - Ways to get it done:",
        *(f"     - {solution}" for solution in todo["solutions"]),
    ]
    return "\n".join(lines)


def _what_first(todos: list[dict[str, Any]]) -> str:
    """Prefer what is quick and can be ticked off at once; then what has a deadline."""
    open_ = sorted((t for t in todos if t["status"] != "done"), key=lambda t: t["time_to_complete"] or 60)
    if not open_:
        return "Your ToDo list has nothing open: enjoy the day."
    first, rest = open_[0], open_[1:]
    due = f"is due on {_day(first)}" if first["deadline"] else "has no deadline"
    said = f'Start with "{first["task"]}": it takes about {first["time_to_complete"]} minutes and {due}.'
    if rest:
        due = f", due on {_day(rest[0])}" if rest[0]["deadline"] else ""
        said += f' With that done, turn to "{rest[0]["task"]}"{due}.'
    return said


def _call(name: str, args: dict[str, Any]) -> AIMessage:
    """Make a tool call whose id follows from what it says."""
    call_id = "call_" + hashlib.sha256(json.dumps([name, args]).encode()).hexdigest()[:20]
    return AIMessage("", tool_calls=[{"type": "tool_call", "name": name, "args": args, "id": call_id}])


def _between(tag: str, prompt: str) -> Any:
    found = re.search(rf"<{tag}>(.*?)</{tag}>", prompt, re.DOTALL)
    return json.loads(found[1]) if found else []


def _updates_done(messages: list[BaseMessage]) -> int:
    """Count the tool answers since the last human message."""
    count = 0
    for message in reversed(messages):
        if isinstance(message, HumanMessage):
            break
        count += isinstance(message, ToolMessage)
    return count
