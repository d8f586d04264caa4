#!/bin/sh
# Make the environment in .venv exactly as uv.lock says. Nothing to do costs nothing.
set -eu
cd "$(dirname "$0")/.."

stamp=.venv/.synced
log=.overthink/setup.log
fail() {
    echo "setup: $1" >&2
    exit 2
}

# A folder that was moved has scripts that point to its old place: the stamp holds the place.
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$PWD" ] &&
    [ "$stamp" -nt uv.lock ] && [ "$stamp" -nt pyproject.toml ]; then
    exit 0
fi

command -v git >/dev/null 2>&1 ||
    fail "git is missing; install it (Debian, Ubuntu: sudo apt install git) and run this again"
git rev-parse --is-inside-work-tree >/dev/null 2>&1 ||
    fail "this folder is no git repository, which DVC needs; clone the project with git, or run: git init"
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
[ "$free" -ge 2000 ] ||
    fail "$free MB of disk are free here, 2000 MB are needed; free some space and run this again"

mkdir -p .overthink
if ! uv=$(command -v uv); then
    python=
    seen=none
    for candidate in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11 python; do
        command -v "$candidate" >/dev/null 2>&1 || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            break
        fi
        seen=$("$candidate" -c 'import platform; print(platform.python_version())' 2>/dev/null || echo none)
    done
    [ -n "$python" ] ||
        fail "Python 3.11 or later is needed, found $seen; install it from python.org or your system's packages, or name it: PYTHON=/path/to/python3.12 make setup"
    "$python" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$python has no venv module; install it (Debian, Ubuntu: sudo apt install python3-venv) and run this again"
    # The version that the lock file names: what makes the environment is pinned like the rest.
    version=$(awk '/^name = "uv"$/ { getline; gsub(/version = |"/, ""); print; exit }' uv.lock)
    echo "setup: making .venv with $("$python" --version) (once)"
    [ "$(cat "$stamp" 2>/dev/null)" = "$PWD" ] || "$python" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$version" >"$log" 2>&1 ||
        fail "packages can't be downloaded ($(tail -n 1 "$log" | cut -c 1-160)); connect to the network, or name a mirror in PIP_INDEX_URL, and run this again"
    uv=.venv/bin/uv
fi

echo "setup: installing the packages of uv.lock (about 0.5 GB to download, once)"
# Pieces of an interrupted download are kept by uv, so that running this again goes on.
"$uv" sync --frozen --no-progress >"$log" 2>&1 || {
    reason=$(grep -v '^ *$' "$log" | tail -n 1 | cut -c 1-200)
    fail "the packages can't be installed ($reason); check network and disk, and run this again"
}
# What was installed is written out now, so that the first run's disk figures aren't about it.
sync
printf '%s' "$PWD" >"$stamp"
