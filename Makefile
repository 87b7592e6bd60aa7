# SPDX-License-Identifier: Apache-2.0
# A wrapper of Meson for daily work. The two commands that matter are ./demo and ./check.
BUILD ?= build

all: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	meson setup $(BUILD)

test: all
	meson test -C $(BUILD) --print-errorlogs

# Half a minute: the unit tests, the golden ones, the fuzzers' corpora, and the simulator for a hundred seeds.
quick: all
	meson test -C $(BUILD) --print-errorlogs --no-suite slow
	$(BUILD)/src/sim/vipd-sim --seeds 100

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
	rm -rf $(BUILD) $(BUILD)-fuzz $(BUILD)-sanitized

.PHONY: all test quick fuzz install uninstall format clean
