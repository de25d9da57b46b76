"""The local Slack, seen by Slack's own clients and compared with Slack's own recordings."""
