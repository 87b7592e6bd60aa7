# SPDX-License-Identifier: Apache-2.0
"""Chaos: a server with VIPs to which everything happens that can happen to a server.

    tests/chaos/chaos --seed 7 --actions 1000 [--build build-asan]

An action is drawn from a table by the seed, done to a real vipd between a BIRD router and an FRR
router, and then all promises must come true within a stated time: what was reported as bound is
listed, held by the kernel, silent to ARP and routed to by both routers; what was unbound is
nowhere; what was drained stays drained. An action that is harmless by design must also not cost one packet.

    model      what the commands have been told, and so what must be true
    world      the network, its routers, vipd and its state directory on a disk that can be full
    promises   what must come true after each action
    actions    what can happen: one class a kind
    chaos      the command

The seed is printed first; the same seed draws the same actions. `tests/lab/test_chaos.py` runs a
few of them in the check.
"""
