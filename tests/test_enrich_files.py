"""References are enriched out of PubMed's files, without the network."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from enriching import FIRST, contents, known, states
from made import read_in, work
from refbase.enrich import Asking, Run
from refbase.errors import (
    Diagnostic,
    FileError,
    FormatError,
)
from refbase.store import Filter, Store
from refbase.store.jobs import Outcome

pytest_plugins = ["stores"]


# ------------------------------------------------------------------------- out of files


def whole(*records: bytes) -> bytes:
    return b"<PubmedArticleSet>" + b"\n".join(records) + b"</PubmedArticleSet>"


def deleted(*pmids: str) -> bytes:
    return (
        f"<DeleteCitation>{''.join(f'<PMID>{p}</PMID>' for p in pmids)}</DeleteCitation>".encode()
    )


def read_files(of: Store, *paths: Path) -> tuple[dict[str, Outcome], list[str]]:
    found: list[Diagnostic] = []
    with Asking(of, None) as asking:
        run = Run(of, asking, found.extend)
        outcomes = run.read(of.jobs.targets(Filter()), [str(path) for path in paths])
        return {one.key: one for one in outcomes}, [one.code for one in found]


def test_files_of_pubmed_instead_of_ncbi(empty: Store, tmp_path: Path) -> None:
    read_in(empty, work(1), work(2), work(3), work(4))
    first, second = tmp_path / "first.xml", tmp_path / "second.xml.gz"
    first.write_bytes(whole(known(1), known(9), known(2, title="Somebody else's.")))
    second.write_bytes(gzip.compress(whole(known(1, doi="10.5555/later"), deleted("900003"))))
    outcomes, found = read_files(empty, first, second)
    assert [outcomes[key].state for key in sorted(outcomes)] == [
        "updated", "doubtful", "deleted", "not in the files",
    ]  # fmt: skip
    assert found == ["withdrawn"]
    dossier = empty.get(FIRST)
    assert dossier.reference.doi == "10.5555/later"
    assert [record.source.name for record in dossier.records] == [
        "x.txt", "PubMed, first.xml", "PubMed, second.xml.gz",
    ]  # fmt: skip
    assert dossier.records[1].raw.startswith("<PubmedArticle>")
    assert empty.check() == []
    assert read_files(empty, first, second)[0][FIRST].state == "updated"


def test_an_older_file_takes_nothing_back(empty: Store, tmp_path: Path) -> None:
    read_in(empty, work(1))
    revised = "<DateRevised><Year>{}</Year><Month>01</Month><Day>01</Day></DateRevised>"
    for year in ("2024", "2020"):
        record = known(1, doi=f"10.5555/{year}").replace(
            b"</PMID>", f"</PMID>{revised.format(year)}".encode(), 1
        )
        path = tmp_path / f"{year}.xml"
        path.write_bytes(whole(record))
        read_files(empty, path)
    assert empty.get(FIRST).reference.doi == "10.5555/2024"


@pytest.mark.parametrize("name", ["x.nbib", "x.nbib.gz"])
def test_nbib_packed_or_not(empty: Store, tmp_path: Path, name: str) -> None:
    read_in(empty, work(1), work(2))
    text = (
        "PMID- 900001\nTI  - First example.\nFAU - Alpha, Anna B\nTA  - J Examples\nDP  - 1991\n"
        "VI  - 1\nPG  - 100-9\nLID - 10.5555/nbib [doi]\n"
    )
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
    outcomes, _ = read_files(empty, path)
    assert [outcomes[key].state for key in sorted(outcomes)] == ["updated", "not in the files"]
    assert empty.get(FIRST).reference.doi == "10.5555/nbib"


def test_a_record_is_found_by_doi_or_pmcid_too(empty: Store, tmp_path: Path) -> None:
    read_in(empty, work(1, PMID="", DOI="10.5555/ONE"), work(2, PMID="", PMCID="PMC77"))
    path = tmp_path / "x.xml"
    path.write_bytes(whole(known(1, doi="10.5555/one"), known(2, pmcid="PMC77"), known(3)))
    outcomes, _ = read_files(empty, path)
    assert states(outcomes) == {"updated": 2}
    assert [reference.pmid for reference in contents(empty)] == ["900001", "900002"]


def test_a_file_that_is_none_of_pubmeds_begins_nothing(empty: Store, tmp_path: Path) -> None:
    path = tmp_path / "x.ris"
    path.write_text("TY  - JOUR\nER  - \n")
    with pytest.raises(FormatError, match="is ris"):
        read_files(empty, path)
    with pytest.raises(FileError, match="nowhere"):
        read_files(empty, tmp_path / "nowhere.xml")
    assert empty.jobs.unfinished("enrich") is None


def test_a_damaged_file_gives_what_came_before_the_damage(empty: Store, tmp_path: Path) -> None:
    read_in(empty, work(1), work(2))
    path = tmp_path / "x.xml.gz"
    packed = gzip.compress(whole(known(1), *(known(9) for _ in range(500)), known(2)))
    path.write_bytes(packed[: len(packed) // 2])
    outcomes, found = read_files(empty, path)
    assert [outcomes[key].state for key in sorted(outcomes)] == ["updated", "not in the files"]
    assert "truncated" in found
