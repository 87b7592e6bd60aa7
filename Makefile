# SPDX-License-Identifier: Apache-2.0
# A wrapper of Meson for daily work. The two commands that matter are ./demo and ./check.
BUILD ?= build

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	meson setup $(BUILD)

# Everything but the lab. CONTRIBUTING.md says how long each of these takes.
test: $(BUILD)/build.ninja
	meson test -C $(BUILD) --print-errorlogs

# What an edit breaks: unit and golden tests and the rules of the tree. Only what they need is built.
quick: $(BUILD)/build.ninja
	meson test -C $(BUILD) --print-errorlogs --suite quick

# As root.
lab: $(BUILD)/build.ninja
	meson test -C $(BUILD) --print-errorlogs --suite lab

# As it is shipped: linked with LTO, and without the tests.
release: $(BUILD)-release/build.ninja
	ninja -C $(BUILD)-release

$(BUILD)-release/build.ninja:
	meson setup $(BUILD)-release -Db_lto=true -Dtests=disabled

fuzz: $(BUILD)-fuzz/build.ninja
	ninja -C $(BUILD)-fuzz

$(BUILD)-fuzz/build.ninja:
	CC=clang-14 meson setup $(BUILD)-fuzz -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false

install: release
	meson install -C $(BUILD)-release

# What was installed last from here. What vipd itself has written stays: /etc/vipd, /var/lib/vipd.
uninstall:
	ninja -C $(BUILD)-release uninstall

format:
	clang-format-14 -i $$(git ls-files '*.[ch]')

clean:
	rm -rf $(BUILD) $(BUILD)-release $(BUILD)-fuzz $(BUILD)-sanitized

.PHONY: all test quick lab release fuzz install uninstall format clean
