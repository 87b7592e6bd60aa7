# SPDX-License-Identifier: Apache-2.0
"""The ledger of performance: what it calls worse, what it measures again, and that it leaves nothing behind."""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench import builds, ledger  # noqa: E402  # pylint: disable=wrong-import-position
from bench.verdict import Figure, Judgement, Ledger, higher, unit_of  # noqa: E402  # pylint: disable=wrong-import-position


def judged(old: list[float], new: list[float], name: str = "reload") -> Judgement:
    """What is said of such values."""
    return Figure(name, old, new).judge()


class Verdict(unittest.TestCase):
    """When a figure is worse."""

    def test_a_tenth_more_is_borne_and_a_bit_more_is_not(self) -> None:
        """At 100 ms the limit is 110 ms."""
        self.assertEqual(judged([100, 100, 100], [110, 110, 110]), Judgement.SAME)
        self.assertEqual(judged([100, 100, 100], [111, 111, 111]), Judgement.WORSE)

    def test_what_cannot_be_told_apart_is_the_same(self) -> None:
        """Half a millisecond is nothing at 1 ms, whatever the ratio says."""
        self.assertEqual(judged([1.0, 1.1, 1.2], [1.5, 1.6, 1.7]), Judgement.SAME)
        self.assertEqual(judged([1.0, 1.1, 1.2], [3.5, 3.6, 3.7]), Judgement.WORSE)

    def test_values_that_lie_mixed_up_are_noise(self) -> None:
        """The medians are 20 and 100, but only five of nine pairs say so."""
        self.assertEqual(judged([20, 20, 120], [10, 100, 110]), Judgement.NOISE)

    def test_one_bad_moment_does_not_make_a_figure_worse(self) -> None:
        """The median is what counts."""
        self.assertEqual(judged([100, 101, 102], [100, 101, 900]), Judgement.SAME)

    def test_nothing_is_sure_that_was_measured_once(self) -> None:
        """But for a size, which is the same each time."""
        self.assertEqual(judged([100], [200]), Judgement.ONCE)
        self.assertEqual(judged([200], [100]), Judgement.SAME)
        self.assertEqual(judged([100], [111], "size: vip"), Judgement.WORSE)

    def test_less_is_better_and_is_said_only_when_it_is_sure(self) -> None:
        """The other way round, by the same rule."""
        self.assertEqual(judged([200, 210, 220], [100, 110, 120]), Judgement.BETTER)
        self.assertEqual(judged([10, 100, 110], [20, 20, 120]), Judgement.SAME)

    def test_packets_that_were_never_lost_have_no_ratio(self) -> None:
        """Nothing to nothing is the same; something after nothing is worse when the probe can tell."""
        self.assertEqual(Figure("crash: lost", [0], [0]).ratio(), 1.0)
        self.assertTrue(math.isinf(Figure("crash: lost", [0], [9]).ratio()))
        self.assertEqual(judged([0, 0, 0], [2, 2, 2], "crash: lost"), Judgement.SAME)
        self.assertEqual(judged([0, 0, 0], [9, 8, 9], "crash: lost"), Judgement.WORSE)

    def test_what_one_of_them_could_not_measure(self) -> None:
        """A new figure is no fault, one that is gone is."""
        self.assertEqual(judged([], [5.0]), Judgement.NEW)
        self.assertEqual(judged([5.0], []), Judgement.MISSING)

    def test_a_yardstick_is_never_judged(self) -> None:
        """It is the machine that was slower, not vipd."""
        self.assertEqual(judged([10, 10], [90, 90], "scale: raw batch of the same routes"), Judgement.YARDSTICK)

    def test_the_share_of_pairs(self) -> None:
        """Equals count half."""
        self.assertEqual(higher([2, 2], [1, 3]), 0.5)
        self.assertEqual(higher([3, 4], [1, 2]), 1.0)
        self.assertEqual(higher([1, 1], [1, 1]), 0.5)

    def test_units(self) -> None:
        """By the names of the figures."""
        for name, unit in (("scale: memory", "kB"), ("scale: memory when all were read", "kB"), ("size: vip", "kB"),
                           ("bfd: memory of the guard", "kB"), ("crash: lost", "lost"), ("bfd: flaps", "times"),
                           ("bfd: processor of the guard", "%"), ("source: connect()", "ns"), ("rebind", "ms"),
                           ("scale: /metrics", "ms")):
            self.assertEqual(unit_of(name).name, unit, name)

    def test_the_table_has_both_medians_and_their_ratio(self) -> None:
        """Values of several samples are added up."""
        book = Ledger()
        book.enter(False, {"rebind": [2.0, 4.0]})
        book.enter(True, {"rebind": [9.0]})
        book.enter(True, {"rebind": [9.0], "scale: /metrics": [1.0]})
        self.assertEqual(book.rows(), [("rebind", "3.0 ms", "9.0 ms", "3.00 x", "2/2", "WORSE"),
                                       ("scale: /metrics", "-", "1.0 ms", "-", "0/1", "not measured before")])


class FakeRun(ledger.Run):
    """A run whose samples come from a table: the values of the new build, sample by sample."""

    def __init__(self, new: dict[str, list[float]], end: float = math.inf) -> None:
        build = builds.Build("x", Path("/nowhere"))
        super().__init__(build, build, Path("/nowhere"), end)
        self.values, self.order = new, []

    def sample(self, bench: ledger.Bench, seed: int, is_new: bool) -> None:
        """Nothing is started."""
        self.order.append((bench.name, is_new))
        bench.figures.add(bench.name)
        value = self.values[bench.name][bench.rounds] if is_new else 100.0
        self.ledger.enter(is_new, {bench.name: [value]})


class Rounds(unittest.TestCase):
    """In which order samples are taken, and what is taken again."""

    def setUp(self) -> None:
        silent = mock.patch("sys.stderr")
        silent.start()
        self.addCleanup(silent.stop)

    def test_who_was_first_is_second_in_the_next_round(self) -> None:
        """What a machine warms up for hits both alike."""
        run = FakeRun({"rebind": [100, 100]})
        self.assertTrue(run.rounds([ledger.Bench("rebind")], 2))
        self.assertEqual([is_new for _, is_new in run.order], [False, True, True, False])

    def test_only_what_looks_worse_is_measured_again(self) -> None:
        """And may turn out to be noise."""
        run = FakeRun({"rebind": [150, 160, 100, 90, 95], "reload": [100, 100], "stop": [200, 200]})
        benches = [ledger.Bench(name) for name in ("rebind", "reload", "stop")]
        run.rounds(benches, 2)
        again = list(run.suspects(benches))
        self.assertEqual([bench.name for bench in again], ["rebind", "stop"])
        run.rounds(again[:1], 3)
        self.assertEqual(run.ledger.figures["rebind"].judge(), Judgement.SAME)

    def test_a_round_that_would_be_too_long_is_left_out(self) -> None:
        """But the first is always made."""
        run = FakeRun({"rebind": [100, 100], "stop": [100, 100]}, end=0.0)
        self.assertFalse(run.rounds([ledger.Bench("rebind"), ledger.Bench("stop")], 2))
        self.assertEqual(len(run.order), 4)


class Places(unittest.TestCase):
    """Where the other commit is built."""

    def test_its_folder_goes_also_when_its_master_is_killed(self) -> None:
        """SIGKILL, so that nothing of the master's own can clean up."""
        if subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, check=False, capture_output=True).returncode != 0:
            self.skipTest("no commits here")
        with tempfile.TemporaryDirectory() as folder:
            master = subprocess.Popen(
                [sys.executable, "-B", "-c",
                 "import sys, time; from pathlib import Path; from bench import builds\n"
                 "builds.PLACE = Path(sys.argv[1]) / 'place'\n"
                 "with builds.Pair('HEAD') as pair:\n"
                 "    (pair.folder / 'some').mkdir()\n"
                 "    print(pair.folder, flush=True)\n"
                 "    time.sleep(60)\n", folder], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            assert master.stdout is not None
            place = Path(master.stdout.readline().strip())
            there = place.is_dir()
            master.kill()
            master.communicate()
            end = time.monotonic() + 10
            while place.parent.exists() and time.monotonic() < end:
                time.sleep(0.01)
            self.assertTrue(there and place.parent == Path(folder) / "place")
            self.assertFalse(place.parent.exists())

    def test_a_commit_that_is_not_there_is_refused_with_a_sentence(self) -> None:
        """Before anything is built."""
        with self.assertRaisesRegex(builds.Failed, "there is no commit nowhere-at-all"):
            builds.Pair("nowhere-at-all")


if __name__ == "__main__":
    unittest.main()
