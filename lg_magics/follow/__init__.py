"""Following runs: stream → typed events → fold → observers, on one background loop."""
