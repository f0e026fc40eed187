"""Turn payloads into results for people: tables, facts, messages, states. pandas is imported only inside `.df`."""
