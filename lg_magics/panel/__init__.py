"""The side panel's conversation with a page: requests and their answers, and what has changed. Draws nothing."""
