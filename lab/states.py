# SPDX-License-Identifier: Apache-2.0
"""What the states of a VIP mean for those who wait for it."""

from __future__ import annotations

# A router has shown that it routes to it, or forwards to it.
ROUTED = ("accepted", "proven")
# The neighbours have been told.
TOLD = ("announced", *ROUTED)
