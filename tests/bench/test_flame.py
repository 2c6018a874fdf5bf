"""Flame graphs: boxes as wide as their share, what is outside the root or too small left out."""

import re
from pathlib import Path

import pytest

from agents.bench.flame import calls_of, drawn, main
from agents.errors import RedianError

STACKS = """\
main (cli/main.py:1);measure (agents/bench/paired.py:33);read (agents/bench/stages.py:98);Intake.take (streams/intake/intake.py:104) 500
main (cli/main.py:1);stages.<locals>.whole (agents/bench/stages.py:102);Pipeline.take (streams/pipeline.py:200);Intake.take (streams/intake/intake.py:104) 60
stages.<locals>.whole (agents/bench/stages.py:102);Pipeline.take (streams/pipeline.py:200);Shard.<locals>.<genexpr> (streams/hotspots/shard.py:76) 30
stages.<locals>.whole (agents/bench/stages.py:102);Pipeline.take (streams/pipeline.py:200) 109
stages.<locals>.whole (agents/bench/stages.py:102);tiny <&> (streams/pipeline.py:1) 1
"""  # noqa: E501 - as py-spy writes them


def boxes(picture: str) -> dict[str, float]:
    """Return widths by title."""
    found = re.findall(r'<g><title>([^<]*)</title><rect x="[\d.]+" y="\d+" width="([\d.]+)"', picture)
    return {title: float(width) for title, width in found}


def test_boxes_are_as_wide_as_their_share_of_what_is_below_the_root() -> None:
    picture = drawn(calls_of(STACKS.splitlines(), "whole"))
    assert "200 samples" in picture
    found = boxes(picture)
    assert list(found) == [
        "Pipeline.take (streams/pipeline.py) 99.5%",
        "Intake.take (streams/intake/intake.py) 30.0%",
        "&lt;genexpr&gt; (streams/hotspots/shard.py) 15.0%",
        "tiny &lt;&amp;&gt; (streams/pipeline.py) 0.5%",
    ]
    assert [round(width / 760, 2) for width in found.values()] == [0.99, 0.3, 0.15, 0.0]


def test_what_is_too_small_to_read_is_left_out() -> None:
    more = STACKS + "stages.<locals>.whole (agents/bench/stages.py:102);Pipeline.take (streams/pipeline.py:200) 9\n"
    assert not any("tiny" in title for title in boxes(drawn(calls_of(more.splitlines(), "whole"))))


def test_stacks_without_the_root_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "stacks.txt").write_text(STACKS)
    with pytest.raises(RedianError, match="no sample is of 'nowhere'"):
        main(str(tmp_path / "stacks.txt"), str(tmp_path / "flame.svg"), "nowhere")
    main(str(tmp_path / "stacks.txt"), str(tmp_path / "flame.svg"))
    assert (tmp_path / "flame.svg").read_text("utf-8").startswith("<svg ")
