"""Follow runs on one background loop: stream → typed events → fold → observers. Depends on no session."""
