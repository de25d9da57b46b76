"""A local Slack and a local image API, a page to use them, and faults to inject."""
