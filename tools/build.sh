#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds what the demo runs into build-release/, as it is shipped: with LTO, without the tests. Is quiet
# about it unless something goes wrong.
set -eu

cd "$(dirname "$0")/.."
build=build-release
mkdir -p $build/tmp
log=$build/build.log
# A compiler that is interrupted leaves its temporary files behind.
export TMPDIR="$PWD/$build/tmp"

fail() {
	cat "$log" >&2
	echo "build: failed" >&2
	exit 1
}

echo "building ..."
[ -f $build/build.ninja ] || meson setup -Db_lto=true -Dtests=disabled $build >"$log" 2>&1 || fail
ninja -C $build vipd vipd-guard vip lab/vipd-probe >"$log" 2>&1 || fail
