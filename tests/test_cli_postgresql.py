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
