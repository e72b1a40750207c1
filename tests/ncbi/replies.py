"""What a server sends: the parts that endpoints and faults make it of."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

XML = '<?xml version="1.0" encoding="UTF-8" ?>\n'


@dataclass(frozen=True)
class Reply:
    """An answer, and the manner of sending it: whole, `cut`, `cut-chunked`, `reset` or `slow`."""

    body: bytes = b""
    kind: str = "text/xml; charset=UTF-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    manner: str = "whole"


@dataclass(frozen=True)
class Asked:
    """A request as it came: what for, when, and with which fields."""

    endpoint: str
    method: str
    fields: dict[str, list[str]]
    time: float
    url: str = ""

    def text(self, name: str) -> str:
        return ",".join(self.fields.get(name, ()))

    @property
    def ids(self) -> list[str]:
        return [text for value in self.fields.get("id", ()) for text in value.split(",")]


def in_json(value: Any, status: int = 200) -> Reply:
    body = json.dumps(value, indent=1).encode()
    return Reply(body, "application/json; charset=UTF-8", status)


def error(root: str, *messages: str, status: int = 200) -> Reply:
    """NCBI's way to say that something went wrong: a document with an ERROR in it."""
    told = "".join(f"\t<ERROR>{message}</ERROR>\n" for message in messages)
    document = f'<!DOCTYPE {root} PUBLIC "-//NLM//DTD//EN" "https://eutils.ncbi.nlm.nih.gov/x.dtd">'
    return Reply(f"{XML}{document}\n<{root}>\n{told}</{root}>\n".encode(), status=status)


def page(status: int, title: str) -> Reply:
    """A web page where none was asked for."""
    text = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1>"
    return Reply(f"{text}</body></html>\n".encode(), "text/html; charset=utf-8", status)
