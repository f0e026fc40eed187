"""The pure core: what runs, threads and messages are. No network, clock, IPython or pandas."""
