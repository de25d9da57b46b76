"""Slack: what is said there, in whose language, and how it gets there."""
