"""A local Hunyuan image API over real HTTP: signatures verified, limits kept, faults on demand, pictures drawn here."""

from __future__ import annotations

from sandbox.hunyuan.api import Call, ImageApi
from sandbox.hunyuan.catalogue import Action, Status
from sandbox.hunyuan.faults import Fault, Faults, Trouble
from sandbox.hunyuan.jobs import Job
from sandbox.hunyuan.settings import ImageApiSettings, Trigger

__all__ = ["Action", "Call", "Fault", "Faults", "ImageApi", "ImageApiSettings", "Job", "Status", "Trigger", "Trouble"]
