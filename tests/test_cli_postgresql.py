"""The command line on a real PostgreSQL: the same commands, the same bytes."""

from __future__ import annotations

from program import SEED, Program

pytest_plugins = ["stores"]


def test_the_demo_on_postgresql(demo: Program, postgres: str) -> None:
    # Not at the top: a plugin must not be imported before pytest has rewritten its assertions
    from stores import new_schema

    url = new_schema(postgres)
    refused = demo("--db", url, "list")
    assert (refused.code, refused.out) == (5, "")
    assert "refbase init" in refused.err
    first = demo("--db", url, "import", SEED)
    assert first.code == 0, first.err
    assert "nothing changed" in demo("--db", url, "import", SEED).err
    assert demo("--db", url, "doctor").code == 0
    for arguments in (
        ["list", "--year", "..1980"],
        ["export", "--format", "ris"],
        ["export", "--format", "csv", "--bibliography", "Baclofen"],
    ):
        here, there = demo("--db", url, *arguments), demo("--db", "refbase.db", *arguments)
        assert here.out == there.out != ""


def test_the_desk_on_postgresql(demo: Program, postgres: str) -> None:
    from stores import new_schema

    url, key = new_schema(postgres), "russo2004liver"
    assert demo("--db", url, "import", SEED).code == 0
    for database in (url, "refbase.db"):
        for arguments in (
            ["edit", key, "volume=11", "key=mine"],
            ["annotate", "mine", "-", "-b", "Baclofen"],
            ["tag", "mine", "+a", "+b"],
            ["bibliography", "move", "Baclofen", "mine", "1"],
            ["merge", "mine", "hudgson1972clinical"],
            ["add", "99000001", "15390328"],
            ["undo", "3"],
        ):
            done = demo("--db", database, *arguments, stdin=b"Said twice.")
            assert done.code == 0, done.err
    for arguments in (
        ["export", "--format", "csv"],
        ["bibliography", "show", "Baclofen"],
        ["show", key, "--at", "1", "--json"],
        ["stats"],
    ):
        here, there = demo("--db", url, *arguments), demo("--db", "refbase.db", *arguments)
        assert here.out.partition('"time"')[0] == there.out.partition('"time"')[0] != ""
    assert demo("--db", url, "doctor").code == 0
    assert "1 cannot be undone" in demo("--db", url, "undo", "1").err
