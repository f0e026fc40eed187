"""Views that live on a page. Each module names its own dependencies."""
