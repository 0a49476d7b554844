"""A small server on this machine that keeps the documented rules of Salesforce's Bulk API 2.0, and counts rows."""

import csv
import io
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

MOST_BYTES = 100_000_000


@dataclass
class Salesforce:
    """Jobs by their id: state, text and what became of each row; rows with these ids are refused."""

    bad: dict[str, str] = field(default_factory=dict)
    fails: str = ""
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    upserts: Counter[str] = field(default_factory=Counter)

    def answer(self, method: str, path: str, headers: dict[str, str], text: str) -> tuple[int, Any]:
        found = re.fullmatch(r"/services/data/v\d+\.0/jobs/ingest(?:/(\w+))?(?:/(\w+))?", path)
        if headers.get("authorization") != "Bearer secret":
            return 401, [{"errorCode": "INVALID_SESSION_ID"}]
        if found is None:
            return 404, [{"errorCode": "NOT_FOUND"}]
        name, part = found.groups()
        if name is None:
            return self._create(json.loads(text)) if method == "POST" else (405, [])
        if name not in self.jobs:
            return 404, [{"errorCode": "NOT_FOUND"}]
        if part == "batches" and method == "PUT":
            return self._upload(name, headers, text)
        if part is None and method == "PATCH":
            return self._change(name, json.loads(text)["state"])
        if part is None and method == "GET":
            return self._look(name)
        return self._results(name, part or "")

    def _create(self, job: dict[str, str]) -> tuple[int, Any]:
        if job["operation"] != "upsert" or job["contentType"] != "CSV" or not job["externalIdFieldName"]:
            return 400, [{"errorCode": "INVALIDJOB"}]
        name = f"750{len(self.jobs):04d}"
        self.jobs[name] = {"state": "Open", "text": None, "polls": 0, **job}
        return 200, {"id": name, "state": "Open"}

    def _upload(self, name: str, headers: dict[str, str], text: str) -> tuple[int, Any]:
        job = self.jobs[name]
        if job["state"] != "Open" or job["text"] is not None:
            return 400, [{"errorCode": "INVALIDJOBSTATE", "message": "only one upload a job"}]
        if not headers.get("content-type", "").startswith("text/csv") or len(text.encode()) > MOST_BYTES:
            return 400, [{"errorCode": "INVALIDCONTENT"}]
        job["text"] = text
        return 201, None

    def _change(self, name: str, state: str) -> tuple[int, Any]:
        job = self.jobs[name]
        if job["state"] != "Open" or (state == "UploadComplete" and job["text"] is None):
            return 400, [{"errorCode": "INVALIDJOBSTATE"}]
        job["state"] = state
        return 200, {"id": name, "state": state}

    def _look(self, name: str) -> tuple[int, Any]:
        job = self.jobs[name]
        told = {"id": name, "state": job["state"]}
        if job["state"] in ("UploadComplete", "InProgress"):  # done at the third look
            job["polls"] += 1
            job["state"] = "InProgress" if job["polls"] < 2 else self._process(job)
        return 200, told | ({"errorMessage": self.fails} if self.fails and job["state"] == "Failed" else {})

    def _process(self, job: dict[str, Any]) -> str:
        job["results"] = {"successfulResults": [], "failedResults": [], "unprocessedrecords": []}
        if self.fails:
            return "Failed"
        for row in csv.DictReader(io.StringIO(job["text"])):
            who = row[job["externalIdFieldName"]]
            if who in self.bad:
                job["results"]["failedResults"].append({"sf__Id": "", "sf__Error": self.bad[who], **row})
            else:
                self.upserts[who] += 1
                job["results"]["successfulResults"].append({"sf__Id": f"003{who}", "sf__Created": "false", **row})
        return "JobComplete"

    def _results(self, name: str, part: str) -> tuple[int, Any]:
        job = self.jobs[name]
        if job["state"] not in ("JobComplete", "Failed") or part not in job["results"]:
            return 400, [{"errorCode": "INVALIDJOBSTATE"}]
        rows, text = job["results"][part], io.StringIO()
        if rows:
            writer = csv.DictWriter(text, rows[0].keys(), quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(rows)
        return 200, text.getvalue()
