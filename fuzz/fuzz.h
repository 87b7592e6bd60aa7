/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fuzz target is one function, fed with any bytes. Whatever they are, it may not crash, loop or
 * fail an assertion: its own assertions say what must hold. libFuzzer calls it in a build with
 * -Dfuzzers=true; in all other builds replay.c calls it with every file of its corpus, as a test.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#endif
