"""A local Slack: Web API, Socket Mode and HTTP delivery, one workspace, one app, faults on demand."""

from sandbox.slack.answers import Answer, Offer
from sandbox.slack.pings import pinged
from sandbox.slack.server import SlackSandbox
from sandbox.slack.settings import Fault, FaultKind, SlackSettings
from sandbox.slack.steps import Run, RunState
from sandbox.slack.workspace import Channel, ChannelKind, File, FileState, Message, Share, User, Workspace

__all__ = [
    "Answer",
    "Channel",
    "ChannelKind",
    "Fault",
    "FaultKind",
    "File",
    "FileState",
    "Message",
    "Offer",
    "Run",
    "RunState",
    "Share",
    "SlackSandbox",
    "SlackSettings",
    "User",
    "Workspace",
    "pinged",
]
