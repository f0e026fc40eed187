"""Views that stay up to date on a page. Each module names its own dependencies."""
