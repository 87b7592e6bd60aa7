#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds into build/ and is quiet about it unless something goes wrong.
set -eu

cd "$(dirname "$0")/.."
mkdir -p build
log=build/build.log

fail() {
	cat "$log" >&2
	echo "build: failed" >&2
	exit 1
}

echo "building ..."
[ -f build/build.ninja ] || meson setup build >"$log" 2>&1 || fail
ninja -C build >"$log" 2>&1 || fail
