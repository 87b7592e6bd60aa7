# SPDX-License-Identifier: Apache-2.0
"""Networks of namespaces with real routers and real clients.

The lab builds the figures of the specification out of network namespaces and lets unmodified
BIRD or FRR routers run in them, then breaks something and measures what a client sees. The
demo, the lab tests and the benches all stand on it.

How the files fit together, from the ground up:

    deadline      wait for a condition, with a limit; nothing here sleeps for a guess
    calm          wait for a machine that has time
    containment   a private world (mounts, processes, network) that vanishes with its owner
    scratch       the built programs, and a folder for what a run writes
    namespace     one machine: a network namespace, and commands run in it
    process       one daemon in it: started, logged, stopped by its process id
    topology      what is connected to what, as plain data; figures 1 and 2
    network       a topology made real: switches, cables, addresses; and the failures
    bird, frr     the routing daemons, with unmodified default timers
    server        who looks after the address at the server: nobody, BIRD, FRR or vipd
    guard         the processes of vipd's guard
    probe         the client: replies per second, losses, outages, the life of a connection
    scene         network, routers, server and probes together; one failure from start to end
    failure       the ways in which a network fails: how each is inflicted, and who is told
    setting       the routers and the server for a failure: who speaks what, who watches whom
    witness       all that is seen of a failure: probes in both directions, connections
    routes        a router's table as it changes, with the times
    capture, rip  what is really on the wire
    timeline, terminal   how a run is shown: a picture, and lines in a terminal

Everything needs root, and uses nothing but Python's own library and the tools of iproute2.
"""
