#!/bin/sh
# Put a real Ollama server into .tools/ for the tests that want one, on a machine without it: built
# from its Go module, once a user: it is kept in the user's cache, whence the next clone has it.
# Who wants to measure with Ollama installs it from https://ollama.com/download.
set -eu
cd "$(dirname "$0")/.."

# The last version whose Go module runs models by itself, without a separately built llama.cpp.
version=0.24.0
# Its module lacks three C headers that its repository has; this package's source holds one of them.
miniaudio=1.71
tools=$PWD/.tools
log=$tools/ollama.log
kept=${XDG_CACHE_HOME:-${HOME:-$tools}/.cache}/overthink/ollama-$version/ollama
fail() {
    echo "ollama: $1" >&2
    exit 2
}

if found=$(command -v ollama); then
    echo "ollama: $found is installed"
    exit 0
fi
if [ -x "$tools/ollama" ]; then
    echo "ollama: .tools/ollama is there"
    exit 0
fi
# A second name for a file where that can be, else a copy; there whole or not at all.
give() {
    mkdir -p "$(dirname "$2")" && { ln -f "$1" "$2.$$" 2>/dev/null || cp "$1" "$2.$$"; } && mv "$2.$$" "$2"
}
# What was built for another kind of processor doesn't run.
if "$kept" --version >/dev/null 2>&1; then
    give "$kept" "$tools/ollama" || fail "$kept can't be put into .tools/ (see above)"
    echo "ollama: .tools/ollama is there (from $kept)"
    exit 0
fi

command -v go >/dev/null 2>&1 ||
    fail "go is missing; install Go 1.21 or later (https://go.dev/dl), or Ollama itself (https://ollama.com/download)"
for name in CC CXX; do
    compiler=$(go env $name)
    command -v "${compiler%% *}" >/dev/null 2>&1 ||
        fail "the compiler ${compiler%% *} is missing; install it (Debian, Ubuntu: sudo apt install build-essential)"
done
missing() {
    ! printf '#include <%s>\n' "$1" | $compiler -x c++ -fsyntax-only - >/dev/null 2>&1
}
if missing nlohmann/json.hpp; then
    fail "the header nlohmann/json.hpp is missing; install it (Debian, Ubuntu: sudo apt install nlohmann-json3-dev)"
fi
if missing stb/stb_image.h; then
    fail "the header stb/stb_image.h is missing; install it (Debian, Ubuntu: sudo apt install libstb-dev)"
fi
python=
for candidate in .venv/bin/python python3 python; do
    if "$candidate" -m pip --version >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "pip is missing; install it (Debian, Ubuntu: sudo apt install python3-pip)"

mkdir -p "$tools"
work=$(mktemp -d "$tools/build.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

echo "ollama: building $version into .tools/ (some minutes, once; its log: .tools/ollama.log)"
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --no-binary :all: \
    --dest "$work" "miniaudio==$miniaudio" >"$log" 2>&1 ||
    fail "the source of the package miniaudio can't be had ($(tail -n 1 "$log" | cut -c 1-160)); check the network and run this again"
tar xzf "$work/miniaudio-$miniaudio.tar.gz" -C "$work" --strip-components=1

# Without these flags the arithmetic would do without the CPU's vector instructions.
flags=-O3
if [ "$(go env GOARCH)" = amd64 ]; then
    flags="-O3 -march=x86-64-v3"
fi
GOBIN=$work CGO_ENABLED=1 CGO_CFLAGS=$flags CGO_CXXFLAGS="$flags -I$work" \
    go install -ldflags "-X github.com/ollama/ollama/version.Version=$version" \
    "github.com/ollama/ollama@v$version" >"$log" 2>&1 ||
    fail "it can't be built ($(grep -v '^ *$' "$log" | tail -n 1 | cut -c 1-160)); .tools/ollama.log says more"
mv "$work/ollama" "$tools/ollama"
give "$tools/ollama" "$kept" 2>/dev/null || rm -f "$kept.$$" # a cache is no must
echo "ollama: .tools/ollama is there"
