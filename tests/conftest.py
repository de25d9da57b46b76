"""What holds for every test: no deadline on a noisy machine, and nothing of this machine's environment."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=40)
settings.register_profile("sweep", deadline=None, derandomize=bool(os.environ.get("CI")), max_examples=200)
settings.load_profile("sweep" if os.environ.get("EXAMPLES") == "many" else "house")

for _name in list(os.environ):
    if _name.startswith(("SLACK_", "TENCENTCLOUD_", "HUNYUAN_")) or _name.lower() in {"http_proxy", "https_proxy"}:
        del os.environ[_name]
