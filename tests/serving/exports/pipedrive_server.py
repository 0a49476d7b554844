"""A small server on this machine that keeps the documented rules of Pipedrive's persons, and counts what changes."""

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Pipedrive:
    """Persons by their number, with an address each; custom fields are called by hashes alone."""

    persons: dict[int, dict[str, Any]]
    fields: dict[str, str] = field(default_factory=lambda: {"Favourite colour": "f" * 40})
    patches: Counter[int] = field(default_factory=Counter)
    page: int = 3

    @classmethod
    def of(cls, addresses: list[str]) -> "Pipedrive":
        return cls({100 + place: {"email": who, "custom_fields": {}} for place, who in enumerate(addresses)})

    def answer(self, method: str, path: str, headers: dict[str, str], text: str) -> tuple[int, Any]:
        if headers.get("x-api-token") != "secret":
            return 401, {"success": False}
        place, asked = urlsplit(path).path, parse_qs(urlsplit(path).query)
        if place == "/api/v2/personFields":
            return (
                self._create(json.loads(text)) if method == "POST" else self._list(int(asked.get("cursor", ["0"])[0]))
            )
        if place == "/api/v1/itemSearch/field" and method == "GET":
            return self._search({name: values[0] for name, values in asked.items()})
        person = re.fullmatch(r"/api/v2/persons/(\d+)", place)
        if person is None or int(person[1]) not in self.persons:
            return 404, {"success": False, "error": "not found"}
        return self._person(method, int(person[1]), text)

    def _list(self, start: int) -> tuple[int, Any]:
        shown = list(self.fields.items())[start : start + self.page]
        more = start + self.page if start + self.page < len(self.fields) else None
        data = [{"field_name": name, "field_code": code} for name, code in shown]
        return 200, {"data": data, "additional_data": {"next_cursor": more}}

    def _create(self, wanted: dict[str, str]) -> tuple[int, Any]:
        if wanted["field_type"] not in ("varchar", "double") or wanted["field_name"] in self.fields:
            return 400, {"success": False}
        code = f"{len(self.fields):040x}"
        self.fields[wanted["field_name"]] = code
        return 201, {"data": {"field_name": wanted["field_name"], "field_code": code}}

    def _search(self, asked: dict[str, str]) -> tuple[int, Any]:
        if (asked["field_type"], asked["field_key"], asked["exact_match"]) != ("personField", "email", "true"):
            return 400, {"success": False}
        found = [number for number, person in self.persons.items() if person["email"] == asked["term"]]
        return 200, {"data": [{"id": number} for number in found]}

    def _person(self, method: str, number: int, text: str) -> tuple[int, Any]:
        held = self.persons[number]["custom_fields"]
        if method == "PATCH":
            given = json.loads(text)["custom_fields"]
            if not set(given) <= set(self.fields.values()):
                return 400, {"success": False, "error": "unknown field"}
            held.update(given)
            self.patches[number] += 1
        return 200, {"data": {"id": number, "custom_fields": held}}
