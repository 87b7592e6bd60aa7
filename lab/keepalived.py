# SPDX-License-Identifier: Apache-2.0
"""keepalived as the keeper of an address, alone on its LAN. It announces nothing by routing."""

from __future__ import annotations

from pathlib import Path

from . import deadline
from .namespace import Namespace, find_tool
from .process import Process

START_LIMIT_S = 15.0


class Keepalived:
    """One keepalived that is the master of an address on a board."""

    def __init__(self, where: Namespace, scratch: Path, interface: str, board: str,
                 address: str) -> None:
        self.where = where
        self.board = board
        self.address = address
        config = scratch / "keepalived.conf"
        config.write_text(f"""global_defs {{
}}
vrrp_instance one {{
  state MASTER
  interface {interface}
  virtual_router_id 51
  priority 200
  advert_int 1
  virtual_ipaddress {{
    {address}/32 dev {board}
  }}
}}
""", encoding="ascii")
        where.batch([f"link add {board} type bridge", f"link set {board} up"])
        self.process = Process(where, [
            find_tool("keepalived"), "--dont-fork", "--log-console", "--vrrp",
            "-f", str(config), "-p", f"/run/keepalived-{where.name}.pid",
            "-r", f"/run/keepalived-{where.name}-vrrp.pid"], scratch / "keepalived.log")
        deadline.until(self._holds, START_LIMIT_S, "keepalived is the master")

    def _holds(self) -> bool:
        self.process.require_running()
        return self.address in str(self.where.ip_json("address", "show", "dev", self.board))

    def stop(self) -> None:
        """Stop it cleanly."""
        self.process.stop()
