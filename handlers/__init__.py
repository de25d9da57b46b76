"""What Slack says to us: one file a kind of listener."""
