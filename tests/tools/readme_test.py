"""The code shown in the README stands, word for word, in a file of examples/, which the tests build and run; links lead somewhere."""
import pathlib
import re
import subprocess
import sys
import unittest

ROOT = pathlib.Path(sys.argv.pop(1)).resolve()


def documents():
    """Every committed .md file; of a tree that is no checkout, those outside of build/ and of folders with a dot."""
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "*.md"], capture_output=True, text=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]
    return [file for file in sorted(ROOT.rglob("*.md")) if not re.match(r"(build|\..*)/", file.relative_to(ROOT).as_posix())]


class Readme(unittest.TestCase):
    def test_shows_code_of_examples(self):
        blocks = re.findall(r"```cpp\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
        examples = [file.read_text(encoding="utf-8") for file in (ROOT / "examples").glob("*.cpp")]
        self.assertGreater(len(blocks), 0)
        for block in blocks:
            self.assertTrue(any(block in example for example in examples), f"no example has this code:\n{block}")

    def test_links_to_files_that_exist(self):
        for document in documents():
            text = re.sub(r"```.*?```|`[^`\n]*`", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)  # code has brackets of its own
            for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
                with self.subTest(document=str(document.relative_to(ROOT)), target=target):
                    self.assertTrue((document.parent / target).exists())


if __name__ == "__main__":
    unittest.main()
