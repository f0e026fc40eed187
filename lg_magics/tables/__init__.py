"""Payloads → what a person reads: tables, facts, conversations, states. pandas comes in only inside `.df`."""
