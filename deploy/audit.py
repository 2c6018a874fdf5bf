"""`python -m deploy.audit REPORT...`: what pip-audit found of the locks, in a few lines.

Ends with status 1 where a vulnerability is known. A package that could not be looked up is counted and passes: an index
without such records must not stop a change, and says nothing of it either.
"""

import sys
from pathlib import Path

import msgspec


class Vulnerability(msgspec.Struct, frozen=True):
    """A known one, and the versions in which it is mended."""

    id: str
    fix_versions: tuple[str, ...] = ()


class Package(msgspec.Struct, frozen=True):
    """A package of a lock: what is known of it, or why nothing is."""

    name: str
    version: str = ""
    vulns: tuple[Vulnerability, ...] = ()
    skip_reason: str = ""


class Report(msgspec.Struct, frozen=True):
    """What pip-audit writes with `--format json`."""

    dependencies: tuple[Package, ...]


def lines_of(name: str, report: Report) -> list[str]:
    """Return what there is to say of one lock."""
    unknown = [package for package in report.dependencies if package.skip_reason]
    found = [
        f"{package.name} {package.version}: {vulnerability.id}"
        + (f", mended in {' or '.join(vulnerability.fix_versions)}" if vulnerability.fix_versions else "")
        for package in report.dependencies
        for vulnerability in package.vulns
    ]
    looked_up = len(report.dependencies) - len(unknown)
    said = [f"{name}: {looked_up} packages looked up, {len(unknown)} could not be; {len(found)} known vulnerabilities"]
    return said + found


def main(paths: list[str]) -> int:
    """Print it of every report; return the exit status."""
    vulnerable = False
    for path in map(Path, paths):
        if not path.exists():
            sys.stdout.write(f"{path.stem}: nothing could be looked up; {path.with_suffix('.log')} says why\n")
            continue
        report = msgspec.json.decode(path.read_bytes(), type=Report)
        vulnerable |= any(package.vulns for package in report.dependencies)
        sys.stdout.write("\n".join([*lines_of(path.stem, report), ""]))
    return int(vulnerable)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
