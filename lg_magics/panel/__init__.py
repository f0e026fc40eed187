"""The kernel's side of the side panel: requests and responses, and notices of changes. Renders nothing."""
