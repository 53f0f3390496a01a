"""The code shown in the README stands, word for word, in a file of examples/, which the tests build and run."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()


class Readme(unittest.TestCase):
    def test_shows_code_of_examples(self):
        blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
        examples = [file.read_text(encoding="utf-8") for file in (ROOT / "examples").glob("*.cpp")]
        self.assertGreater(len(blocks), 0)
        for block in blocks:
            self.assertTrue(any(block in example for example in examples), f"no example has this code:\n{block}")

    def test_names_files_that_exist(self):
        for document in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "src/README.md"):
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
                self.assertTrue((document.parent / target).exists(), f"{document.name} names {target}")


if __name__ == "__main__":
    unittest.main()
