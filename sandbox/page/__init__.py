"""The page: a local Slack to look at and use, with the sandbox's inner life beside it."""

from sandbox.page.server import Page
from sandbox.page.view import Scene

__all__ = ["Page", "Scene"]
