"""Makes this checkout importable in its environment and adds `redian`: an editable install without a build."""

import stat
import sys
import sysconfig
from pathlib import Path

root = Path(__file__).resolve().parent.parent
Path(sysconfig.get_path("purelib"), "redian.pth").write_text(f"{root}\n", "utf-8")
script = Path(sysconfig.get_path("scripts"), "redian")
script.write_text(f"#!{sys.executable}\nfrom agents.cli.main import run\n\nrun()\n", "utf-8")
script.chmod(script.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
