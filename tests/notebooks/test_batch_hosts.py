"""A batch where nobody clicks: one line when it begins, its end when it is waited for, the same each time."""

from __future__ import annotations

from test_hosts import executed, notebook_of

BEGIN = 'batch = %lg_batch $rows --input "weather in {city}" -a agent'
ROWS = "rows = {'city': ['Paris', None]}"
LINE = "batch of 2 runs started on agent"
END = (
    "error · batch of 2 runs · agent · “weather in {city}”\n"
    "  1 success · 1 error\n\n"
    "row 1 · agent: Not sent: the cell of 'city' is empty."
)


def test_it_says_one_line_and_then_its_end_without_ids_and_times() -> None:
    notebook = notebook_of(
        f"%load_ext lg_magics\n%lg_connect local --quiet\n{ROWS}",
        BEGIN,
        "%lg_wait $batch",
        f"{BEGIN} --wait",
        "batch.df.status.tolist()",
    )
    first, second = executed(notebook, times=2)
    assert first[1:] == [[LINE], [END], [END], ["['success', 'error']"]]
    assert second[1:] == first[1:]
