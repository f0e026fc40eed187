"""What using this package costs, beside the raw SDK in the same run. Depends on the public entry points; no test imports it.

    python -m benchmarks                   everything, about a quarter of an hour
    python -m benchmarks launch outcome    these topics only
    python -m benchmarks --strict          the exit code is 1 if anything is over its limit
    python -m benchmarks --write           also writes benchmarks/RESULTS.md: `make bench` does

Each topic is printed, and written, as soon as it has ended. The page keeps the topics that were not measured, each with its own
date, machine and versions: `python -m benchmarks history --write` measures one topic again.

How to read it
- Each line is one number: ours, the same thing done with the raw SDK, both compared, the limit, and `ok` or `OVER`.
  A line without a limit is there to be watched.
- `1.62 (1.55–1.74)` is a median and, in brackets, the middle half of the samples: a quarter lies below, a quarter above.
  `p95` is what 95 of 100 stay below.
- Each round takes every way once, one at a time, in an order that changes (A B, B A, …), on one private embedded server.
  The first rounds are thrown away.
- `×` is the ratio of the two medians, `+` the difference; in brackets the middle half of what the single rounds gave. On a
  noisy machine milliseconds move with the weather and ratios stay: judge by the ratio.
"""
