"""Who is erased, and who opted out, is looked for in every answer of the service and in every file of its folder."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import mlflow
import pandas as pd
import pytest

from benchmarks.lived_in import live_in
from features.sources.partitioner import Division, write_partitions
from models.predictor import RegisteredPredictor
from serving.consents import Consent
from serving.exports.deliveries import Deliveries, Request
from serving.exports.files import write_files
from serving.exports.leftovers import JOURNAL
from serving.metrics import Metrics
from serving.openapi import describe_api
from serving.parameters import CAMPAIGN, SEGMENT
from serving.routes import build_app
from serving.scorer import Scorer
from serving.shadow import Shadow
from serving.store import Store

WHO, BEFORE = "ann-4711-of-the-harbour", "cookie-4711-of-ann"
OTHER = "c0008"
HERE = "http://127.0.0.1:3000"
TABLES = {"scores.parquet", "personas.parquet", f"audiences/{SEGMENT['example']}.csv", "events.csv", "events.parquet"}
OF_ONE = ("/customers/{}", "/customers/{}/export", "/dashboard/customer/{}", "/dashboard/data/customer/{}.csv")


class Folder:
    """A working folder that was used for a while, and the service on it, asked without a network."""

    def __init__(self, folder: Path, store: Store, model: RegisteredPredictor, now: int) -> None:
        self.folder, self.store, self.now = folder, store, now
        self.shadow = Shadow(store, Metrics())
        self.shadow.use(model)
        self._app = build_app(Scorer(model, store), shadow=self.shadow)
        self._stages = model.predictor.journey.stage_names

    def ask(self, method: str, path: str, **given: object) -> httpx.Response:
        async def asked() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, client=("127.0.0.1", 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=HERE, timeout=60) as client:
                return await client.request(method, path, **given)  # type: ignore[arg-type]

        return asyncio.run(asked())

    def told(self) -> dict[str, str]:
        """Returns every answer to who reads about everybody, or about somebody else."""
        found = {}
        for path in self.paths():
            for accept in ("text/html", "*/*"):
                answer = self.ask("GET", path, headers={"Accept": accept})
                assert answer.status_code < 500, path
                found[f"{path} as {accept}"] = answer.text + str(answer.headers)
        for where in ("", "stage == 'occasional'", "churn_28d > 0"):
            body = {"name": SEGMENT["example"], "where": where}
            found[f"preview {where}"] = self.ask("POST", "/segments/preview", json=body).text
        return found

    def paths(self) -> Iterator[str]:
        """Yields the path of every route that is read, for every stage, and each page of members."""
        for path, operations in describe_api()["paths"].items():
            if "get" in operations:
                about = self._stages if "/stage/" in path else [SEGMENT["example"] if "/segment" in path else OTHER]
                about = [CAMPAIGN["example"]] if path.startswith("/campaigns/") else about
                for name in about:
                    yield re.sub(r"{\w+}", quote(name, safe=""), path)
        members = f"/segments/{quote(SEGMENT['example'])}/members?limit=10"
        yield from (
            f"{members}&format=csv",
            *(f"{members}&cursor={part}.{place}" for part in (1, 2) for place in range(0, 130, 10)),
        )
        yield from (f"/dashboard/figures?by={by}" for by in ("stage", "channel"))
        yield from (f"/?show={period}&against=0" for period in range(3))
        yield from (
            f"/campaigns/{CAMPAIGN['example']}/report?outcome={kind}" for kind in ("churn", "event&event=visit")
        )

    def files_with(self, text: str) -> set[str]:
        """Returns the files below the folder, hidden ones too, that hold a text anywhere."""
        files = [path for path in self.folder.rglob("*") if path.is_file()]
        assert len(files) >= 8
        return {path.relative_to(self.folder).as_posix() for path in files if text.encode() in path.read_bytes()}


@pytest.fixture
def place(
    tmp_path: Path, registry: str, model: RegisteredPredictor, events: pd.DataFrame, attributes: pd.DataFrame
) -> Iterator[Folder]:
    mlflow.set_tracking_uri(registry)
    ours = {"c0000": WHO, "c0001": BEFORE}
    frame = events.assign(customer_id=events["customer_id"].replace(ours))
    frame = frame.assign(event_id=frame["customer_id"] + "-" + frame["event_id"])
    now = int(frame["timestamp"].max().timestamp() * 10**6)
    with Store(f"sqlite:///{tmp_path}/nextstage.db") as store:
        for first in range(0, len(frame), 500):
            store.add(frame[first : first + 500])
        store.set_attributes(attributes.assign(customer_id=attributes["customer_id"].replace(ours)))
        store.add_traits([(WHO, now, {"plan": "pro"})], {"plan": "text"})
        store.add_consents([Consent(WHO, "granted", 5, "form")])
        store.add_aliases([(BEFORE, now + 1, WHO)])  # what was done before stays where it was
        live_in(store, model, tmp_path, now)
        made = Folder(tmp_path, store, model, now)
        made.shadow.offer([WHO, BEFORE, OTHER], now)
        assert made.shadow.work() == 3
        yield made


def leave_files(place: Folder, events: pd.DataFrame) -> None:
    """Leaves what people and pushes leave beside the store."""
    named = events.assign(customer_id=events["customer_id"].replace({"c0000": WHO, "c0001": BEFORE}))
    named.to_csv(place.folder / "events.csv", index=False)
    named.to_parquet(place.folder / "events.parquet")
    write_partitions(str(place.folder / "events.csv"), place.folder / "parts", Division(3))
    scores = pd.read_parquet(place.folder / "scores.parquet")
    for tool in ("klaviyo", "salesforce"):
        write_files(tool, scores.assign(email=scores["customer_id"] + "@x.example"), place.folder / "sent" / tool)
    with Deliveries(place.folder / JOURNAL, "hubspot") as journal:
        refused = Request("k", "{}" * 3_000 + WHO, {WHO: "1", OTHER: "1"})
        journal.begin(refused)
        journal.end(refused, [WHO])


def test_no_byte_of_who_was_erased_is_in_an_answer_or_a_file(place: Folder, events: pd.DataFrame) -> None:
    leave_files(place, events)
    before = place.told()
    assert sum(WHO in text for text in before.values()) > 5
    assert place.files_with(WHO) > TABLES
    answer = place.ask("DELETE", f"/customers/{WHO}")
    assert answer.status_code == 200, answer.text
    for name in (WHO, BEFORE):
        assert name not in answer.text
        assert place.files_with(name) == set()
        assert [path for path, text in place.told().items() if name in text] == []
        for path in OF_ONE:
            assert place.ask("GET", path.format(name)).status_code == 404
        assert place.ask("POST", "/score", json={"customer_ids": [name]}).status_code == 404
    assert len(place.told()) == len(before)
    assert OTHER in pd.read_parquet(place.folder / "scores.parquet")["customer_id"].tolist()


@pytest.mark.parametrize("name", [WHO, BEFORE])
def test_who_opted_out_is_in_no_answer_and_no_audience(place: Folder, model: RegisteredPredictor, name: str) -> None:
    """Whichever of the ids it is said of: the decision is the person's."""
    asked = {"customer_ids": [WHO, BEFORE, OTHER], "explain": True}
    assert "suppressed" not in place.ask("POST", "/score", json=asked).text
    assert sum(WHO in text for text in place.told().values()) > 5
    assert place.ask("PUT", f"/customers/{name}/consent", json={"decision": "revoked"}).status_code == 200
    hidden = [{"customer_id": each, "suppressed": True} for each in (WHO, BEFORE)]
    records = place.ask("POST", "/score", json=asked).json()["scores"]
    assert records[:2] == hidden
    assert "suppressed" not in records[2]
    event = {"timestamp": "2024-01-01T00:00:00Z", "event": "purchase", "value": 2.0}
    inline = [event | {"customer_id": each} for each in (WHO, BEFORE)]
    assert place.ask("POST", "/score", json={"events": inline}).json()["scores"] == hidden
    told = place.told()
    for each in (WHO, BEFORE):
        assert [path for path, text in told.items() if each in text] == []
        view = place.ask("GET", f"/customers/{each}").json()
        assert (view["suppressed"], view["stage"], view["timeline"]) == (True, None, [])
        panel = place.ask("GET", f"/dashboard/data/customer/{each}.json").json()
        assert (panel["scores"], panel["history"]) == ({"customer_id": each, "suppressed": True}, {})
        assert place.ask("GET", f"/dashboard/customer/{each}", headers={"Accept": "text/html"}).status_code == 200
    place.shadow.offer([WHO, BEFORE], place.now + 86_400 * 10**6)
    place.shadow.work()
    for path in ("scores.parquet", "personas.parquet", f"audiences/{SEGMENT['example']}.csv"):
        (place.folder / path).unlink()
    live_in(place.store, model, place.folder, place.now + 86_400 * 10**6)
    left = place.files_with(WHO) | place.files_with(BEFORE)
    assert left == {path for path in left if path.startswith("nextstage.db")}
    assert [path for path, text in place.told().items() if WHO in text or BEFORE in text] == []
    with place.store.database.reading() as connection:
        scored = connection.exec_driver_sql("SELECT DISTINCT customer_id FROM shadow_scores WHERE day > '2024-07-18'")
        assert scored.scalars().all() == [OTHER]
