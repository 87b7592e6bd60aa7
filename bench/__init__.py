# SPDX-License-Identifier: Apache-2.0
"""Benches: vipd beside BIRD and FRR, in one run on one machine.

    failover   a NIC of the server goes down; how long is the client without a reply
    stop       the daemon is stopped cleanly; how long do the routers keep the dead route
    rebind     an address is unbound and bound again; when is it announced
    bfd        two guards watch each other, one watches a router by the echo: flaps, idle and under load, and what
               200 sessions cost
    scale      10,000 addresses: time, stalls, memory, and idle processor time
    ledger     all of ours in a short form, a commit beside the working tree: what has become worse

Each is a command, prints medians and the ratio to the peers, and ends with 0 if vipd reaches what
it is meant to reach. Slow peers run beside each other, each in a containment of its own.

    short      one sample of a bench in its short form, for the ledger
    verdict    when a figure is worse
    builds     a commit's programs and those of the working tree
    trial      one measurement in one containment; prints a line of JSON
    runner     starts trials, one after the other or side by side
    report     medians, ratios and tables
"""
