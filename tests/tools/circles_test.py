# SPDX-License-Identifier: Apache-2.0
"""tools/circles.py, tried on small trees whose circles are known."""

from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import circles  # pylint: disable=wrong-import-position

FRUIT = {
    "fruit/apple.h": "int apple_eat(void);\n",
    "fruit/apple.c": '#include "fruit/apple.h"\n#include "fruit/pear.h"\n'
                     "int apple_eat(void)\n{\n\treturn pear_eat();\n}\n",
    "fruit/pear.h": "int pear_eat(void);\nstruct pear { int stalk; };\n",
    "fruit/pear.c": '#include "fruit/pear.h"\nint pear_eat(void)\n{\n\treturn 1;\n}\n',
}


class Circles(unittest.TestCase):
    """What leans on what, and what comes round again."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def sources(self, files: dict[str, str], **more: str) -> circles.Sources:
        """A tree of these files; what has a name in `more` is FRUIT's file fruit/NAME.c instead."""
        for name, text in {**files, **{f"fruit/{noun}.c": text for noun, text in more.items()}}.items():
            path = self.root / "src" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return circles.Sources(self.root / "src")

    def circles(self, files: dict[str, str], **more: str) -> list[list[str]]:
        """The circles of such a tree."""
        return circles.circles(self.sources(files, **more).graph())

    def test_a_call_in_one_direction_is_no_circle(self) -> None:
        """apple leans on pear, and pear on nothing."""
        self.assertEqual(self.circles(FRUIT), [])

    def test_a_call_back_closes_a_circle_of_all_their_files(self) -> None:
        """pear calls apple too."""
        sources = self.sources(FRUIT, pear='#include "fruit/apple.h"\n'
                                           "int pear_eat(void)\n{\n\treturn apple_eat();\n}\n")
        [part] = circles.circles(sources.graph())
        self.assertEqual(part, ["fruit/apple", "fruit/pear"])
        self.assertEqual(circles.count_files(sources, part), 4)

    def test_a_function_that_is_handed_over_leans_as_a_call_does(self) -> None:
        """A table of functions is a use of all of them."""
        self.assertEqual(self.circles(FRUIT, pear='#include "fruit/apple.h"\n#include "fruit/pear.h"\n'
                                                  "int (*pear_table[])(void) = {apple_eat};\n"
                                                  "int pear_eat(void)\n{\n\treturn 1;\n}\n"),
                         [["fruit/apple", "fruit/pear"]])

    def test_a_word_that_is_no_use_closes_nothing(self) -> None:
        """In a comment, in quotes, as a member, as a tag, as a variable or a static function of one's own."""
        for use in ("/* as apple_eat() does */", '"apple_eat()"', "x.apple_eat", "x->apple_eat",
                    "(struct apple_eat *)0", "0; int apple_eat = 1; return apple_eat"):
            with self.subTest(use):
                self.assertEqual(self.circles(FRUIT, pear='#include "fruit/pear.h"\n'
                                                          f"int pear_eat(void)\n{{\n\treturn {use};\n}}\n"), [])
        self.assertEqual(self.circles(FRUIT, pear='#include "fruit/pear.h"\n'
                                                  "static int apple_eat(void)\n{\n\treturn 1;\n}\n\n"
                                                  "int pear_eat(void)\n{\n\treturn apple_eat();\n}\n"), [])

    def test_headers_alone_can_be_a_circle_and_the_largest_comes_first(self) -> None:
        """Three headers round, and two beside them."""
        ring = {f"ring/{here}.h": f'#include "ring/{there}.h"\n' for here, there in ("ab", "bc", "ca", "xy", "yx")}
        self.assertEqual(self.circles({**FRUIT, **ring}),
                         [["ring/a", "ring/b", "ring/c"], ["ring/x", "ring/y"]])

    def test_tests_do_not_count(self) -> None:
        """A test may use whatever it likes."""
        self.assertEqual(self.circles({**FRUIT, "fruit/pear_test.c": '#include "fruit/apple.h"\n'}), [])

    def test_who_names_a_speaker_outside_of_its_folder(self) -> None:
        """Functions and constants do; words that only end so, and comments, do not."""
        sources = self.sources({"proto/rip/rip.c": "rip_input();\n", "node/a.c": "rip_input();\n",
                                "node/b.c": "int x = RIP_INFINITY;\n", "node/c.c": "int strip_it; /* rip_input */\n",
                                "node/d_test.c": "rip_input();\n"})
        self.assertEqual(circles.files_naming(sources, "rip"), ["node/a.c", "node/b.c"])


if __name__ == "__main__":
    unittest.main()
