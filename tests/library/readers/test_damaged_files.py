"""Damaged files of all formats: each gives one clear line or a document with text, never more.

`RAGBOT_MUTATIONS=1000` runs as many; a few are run by default, since each is parsed on its own.
"""

from __future__ import annotations

import os
from collections import Counter

from mutating import good_files, mutated

from ragbot.errors import DocumentError
from ragbot.library.composing import composed
from ragbot.library.markdown import parse_markdown
from ragbot.library.readers.workers import Workers

COUNT = int(os.environ.get("RAGBOT_MUTATIONS", "80"))


def test_damaged_files_are_refused_in_one_line_or_read_with_text():
    seen: Counter[str] = Counter()
    with Workers() as workers:
        for what, name, data in mutated(good_files(), COUNT, seed=8):
            try:
                readings = workers.read(name, data)
            except DocumentError as error:
                line = str(error)
                assert "\n" not in line, what
                assert "Traceback" not in line, what
                assert 10 < len(line) < 500, what
                seen["refused"] += 1
                seen["by the reader's own error"] += "It is damaged (" in line
                seen["for time or memory"] += "MB" in line or "longer than" in line
                continue
            assert readings, what
            for reading in readings:
                if reading.failure:
                    assert "\n" not in reading.failure, what
                    seen["records refused"] += 1
                    continue
                text = composed(reading, {}, {}).text
                assert reading.title.strip(), what
                assert len(text.split()) > 1, what
                assert (
                    parse_markdown(composed(reading, {}, {}).markdown.split("---\n", 2)[2])[0]
                    == text
                )
                seen["documents"] += 1
    print(dict(seen))
    assert seen["documents"] + seen["refused"] + seen["records refused"] >= COUNT
    assert seen["refused"] > COUNT // 20
    assert seen["documents"] > COUNT // 4
