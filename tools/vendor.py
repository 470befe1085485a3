"""Fetch the third-party files of `static/` from their npm packages and write `static/VENDOR.toml`.

Run `python -m tools.vendor` after changing a version below; it needs npm and a package index.
It never runs in the product, in tests or in the build.
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).parents[1] / "static"
FAMILY = "GV Sans SC"


@dataclass(frozen=True)
class Package:
    """One npm package at one version, and where its files go under `static/`."""

    name: str
    version: str
    licence: str
    integrity: str
    target: str


LEAFLET = Package(
    "leaflet",
    "1.9.4",
    "BSD-2-Clause",
    "sha512-nxS1ynzJOmOlHp+iL3FyWqK89GtNL8U8rvlMOsQdTTssxZwCXh8N2NB3GDQOL+YR3XnWyZAxwQixURb+FA74PA==",
    "vendor/leaflet",
)
GEOMAN = Package(
    "@geoman-io/leaflet-geoman-free",
    "2.20.2",
    "MIT",
    "sha512-KQpSe0VKyuVCudq/08rMjJW1vvIwFldTwBny2wZ7ABcyyUAP7/eoFo967hCu9yRqAAHb4QOxC6gY5dGqttY68g==",
    "vendor/geoman",
)
NOTO = Package(
    "@fontsource-variable/noto-sans-sc",
    "5.3.1",
    "OFL-1.1",
    "sha512-UB96JJ17HyD5ehEU7Em0hDdh7fvTMB4B4Hzmq5c4QaNwwSLqTrdM2S+coySeBqCkXwh0DxqXT0b0wMrmzorFpQ==",
    "fonts",
)


def fetch(package: Package, folder: Path) -> Path:
    """Return the unpacked package; SystemExit if its tarball is not the pinned one."""
    wanted = f"{package.name}@{package.version}"
    npm = shutil.which("npm") or sys.exit("npm is needed to fetch packages")
    call = [npm, "pack", wanted, "--json", "--silent", "--pack-destination", str(folder)]
    answer = subprocess.run(call, check=True, capture_output=True, text=True)  # noqa: S603
    tarball = folder / json.loads(answer.stdout)[0]["filename"]
    digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
    if f"sha512-{digest}" != package.integrity:
        sys.exit(f"{wanted}: the tarball is not the pinned one")
    target = folder / package.target.replace("/", "-")
    with tarfile.open(tarball) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def copy_leaflet(source: Path, target: Path) -> None:
    """Copy the script, the style sheet and its pictures."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source / "dist/images", target / "images")
    for name in ("dist/leaflet.js", "dist/leaflet.css", "LICENSE"):
        shutil.copy(source / name, target)
    drop_source_map(target / "leaflet.js")


def copy_geoman(source: Path, target: Path) -> None:
    """Copy the script and the style sheet."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for name in ("dist/leaflet-geoman.min.js", "dist/leaflet-geoman.css", "LICENSE"):
        shutil.copy(source / name, target)
    for name in ("leaflet-geoman.min.js", "leaflet-geoman.css"):
        drop_source_map(target / name)


def drop_source_map(file: Path) -> None:
    """Take out the line that names the map of the sources: it is not served."""
    lines = file.read_text("utf-8").rstrip().splitlines()
    kept = [line for line in lines if "# sourceMappingURL=" not in line]
    file.write_text("\n".join(kept) + "\n", "utf-8")


def copy_font(source: Path, target: Path) -> None:
    """Copy the Chinese and Latin subsets and write a style sheet under our own family name."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copy(source / "LICENSE", target / "LICENSE")
    faces = re.findall(
        r"/\* noto-sans-sc-(\S+)-wght-normal \*/.*?url\(\./files/(\S+?)\).*?unicode-range: (.*?);",
        (source / "index.css").read_text("utf-8"),
        re.DOTALL,
    )
    rules = []
    for subset, file, letters in faces:
        if subset in ("cyrillic", "vietnamese"):
            continue
        name = f"sans-{subset.strip('[]')}.woff2"
        shutil.copy(source / "files" / file, target / name)
        rules.append(
            f"@font-face{{font-family:'{FAMILY}';font-style:normal;font-weight:100 900;"
            f"font-display:swap;src:url({name}) format('woff2');unicode-range:{letters}}}\n"
        )
    (target / "sans.css").write_text("".join(rules), "utf-8")


def describe(packages: Iterable[Package]) -> str:
    """Return the list of vendored files with checksums, as TOML."""
    lines = ["# Third-party files served from here. Written by `python -m tools.vendor`.\n"]
    for package in packages:
        lines.append(
            f'\n[[package]]\nname = "{package.name}"\nversion = "{package.version}"\n'
            f'source = "npm"\nintegrity = "{package.integrity}"\nlicence = "{package.licence}"\n'
            f'licence_file = "{package.target}/LICENSE"\n\n[package.sha256]\n'
        )
        for path in sorted((STATIC / package.target).rglob("*")):
            if path.is_file():
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                lines.append(f'"{path.relative_to(STATIC).as_posix()}" = "{digest}"\n')
    return "".join(lines)


def main() -> None:
    """Replace the vendored files by those of the pinned packages."""
    with tempfile.TemporaryDirectory() as folder:
        copy_leaflet(fetch(LEAFLET, Path(folder)), STATIC / LEAFLET.target)
        copy_geoman(fetch(GEOMAN, Path(folder)), STATIC / GEOMAN.target)
        copy_font(fetch(NOTO, Path(folder)), STATIC / NOTO.target)
    (STATIC / "VENDOR.toml").write_text(describe((LEAFLET, GEOMAN, NOTO)), "utf-8")


if __name__ == "__main__":
    main()
