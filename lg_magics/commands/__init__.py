"""The commands: one module per resource, each function a command. Depends on sessions; draws nothing."""
