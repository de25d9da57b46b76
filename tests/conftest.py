"""What holds for every test: no deadline on a noisy machine, and nothing of this machine's environment."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

for _name in list(os.environ):
    if _name.startswith(("SLACK_", "TENCENTCLOUD_", "HUNYUAN_")) or _name.lower() in {"http_proxy", "https_proxy"}:
        del os.environ[_name]
