"""The commands: one module per resource, each function a command. Knows sessions; draws nothing."""
