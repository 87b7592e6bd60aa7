# SPDX-License-Identifier: Apache-2.0
# A wrapper of Meson for daily work. The two commands that matter are ./demo and ./check.
BUILD ?= build

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	meson setup $(BUILD)

test: all
	meson test -C $(BUILD) --print-errorlogs

fuzz: $(BUILD)-fuzz/build.ninja
	ninja -C $(BUILD)-fuzz

$(BUILD)-fuzz/build.ninja:
	CC=clang-14 meson setup $(BUILD)-fuzz -Dfuzzers=true -Db_sanitize=address,undefined -Db_lundef=false -Db_lto=false

install: all
	meson install -C $(BUILD)

# What was installed last from here. What vipd itself has written stays: /etc/vipd, /var/lib/vipd.
uninstall:
	ninja -C $(BUILD) uninstall

format:
	clang-format-14 -i $$(git ls-files '*.[ch]')

clean:
	rm -rf $(BUILD) $(BUILD)-fuzz

.PHONY: all test fuzz install uninstall format clean
