"""What each page shows: the report of the latest run, in the words of the reader's language."""

import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from features.errors import EventLogError
from features.timestamps import parse_moment
from serving.errors import PageError, RequestError, UnknownCustomerError
from serving.languages.messages import messages
from serving.languages.preference import asked_language, preferred_language
from serving.matured import recent_cards
from serving.monitor import last_verdict
from serving.pages.access import wants_page
from serving.pages.audience_page import audience_texts, usual_value
from serving.pages.customer_page import history_chart, score_rows, vector_rows
from serving.pages.figure_page import ALL, DIVISIONS, attribution_bars, panels
from serving.pages.flow_page import chosen_flows, step_rows
from serving.pages.map_page import bars, chosen_map, map_name, spoken_span, totals
from serving.pages.rendering import page, stage_label
from serving.pages.safety import HEADERS
from serving.pages.versions import Versions
from serving.path_text import path_text
from serving.reports.audience import chosen_audience
from serving.reports.customer import customer_panel, spans
from serving.reports.monitoring import drift_panel, matured_panel
from serving.reports.reader import ReportReader
from serving.reports.stage import stage_panel
from serving.scorer import Scorer
from serving.threads import in_thread

MOST_CARDS = 6  # of each target and horizon


class Shown:
    """Answers the pages of one loaded model and its store."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._journey = scorer.model.predictor.journey
        self._reader = ReportReader(scorer.store.database)
        self._of_model = {"model": Versions(scorer).panel, "drift": self._drift, "matured": self._matured}

    async def map(self, request: Request) -> Response:
        """Answers with the journey map."""
        return await in_thread(self._with_report, request, self._map)

    async def flows(self, request: Request) -> Response:
        """Answers with the flows."""
        return await in_thread(self._with_report, request, self._flows)

    async def figures(self, request: Request) -> Response:
        """Answers with the figures over time."""
        return await in_thread(self._with_report, request, self._figures)

    async def audience(self, request: Request) -> Response:
        """Answers with the audience builder."""
        return await in_thread(self._with_report, request, self._audience)

    async def stage(self, request: Request) -> Response:
        """Answers with one stage."""
        return await in_thread(self._with_report, request, self._stage)

    async def model(self, request: Request) -> Response:
        """Answers with the model's report card; it needs no scoring run."""
        found = {name: await in_thread(read) for name, read in self._of_model.items()}
        return self._page(request, "model.html", "model", None, **found)

    async def find(self, request: Request) -> Response:
        """Answers with the search for a customer, or leads to the one asked for."""
        wanted = request.query_params.get("id", "").strip()
        if wanted:
            return RedirectResponse(f"/dashboard/customer/{quote(wanted, safe='')}", 303, HEADERS)
        return self._page(request, "customer.html", "customers", None, customer=None, known=None)

    async def customer(self, request: Request) -> Response:
        """Answers with one customer."""
        return await in_thread(self._customer, request)

    def data(self, panel: str, about: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Returns the plain data of a panel.

        Raises
        ------
        RequestError
            If there is no scoring run yet, or nothing of that name.
        """
        if panel in self._of_model:
            return self._of_model[panel]()
        if panel == "customer":
            return customer_panel(self._scorer, about, self._moment(query), asked_language(query))
        report = self._reader.latest()
        if report is None:
            raise RequestError("there is no scoring run with a report yet; run 'nextstage score'")
        if panel == "map":
            other = query.get("against")
            compared = {"against": chosen_map(report, other)} if other else {}
            return {"as_of": report["as_of"], "shown": chosen_map(report, query.get("show", "0")), **compared}
        if panel == "stage":
            return self._stage_panel(report, about, asked_language(query))
        if panel == "audience" and (persona := query.get("persona")):
            return chosen_audience(report["audience"], persona)
        found: Mapping[str, Any] | None = report.get("kpis" if panel == "figures" else panel)
        if found is None:
            raise RequestError(f"the last scoring run was made before reports had {panel!r}; run 'nextstage score'")
        return found

    def _drift(self) -> dict[str, Any]:
        with self._scorer.store.database.reading() as connection:
            return drift_panel(last_verdict(connection))

    def _matured(self) -> dict[str, Any]:
        own = self._scorer.model
        with self._scorer.store.database.reading() as connection:
            return matured_panel(recent_cards(connection, own.name, own.version, MOST_CARDS))

    def _with_report(self, request: Request, show: Any) -> Response:
        report = self._reader.latest()
        if report is None:
            return self._page(request, "empty.html", "map", None)
        answered: Response = show(request, report)
        return answered

    def _page(self, request: Request, name: str, here: str, report: Any, **values: Any) -> Response:
        return page(request, name, self._journey, here=here, report=report, **values)

    def _map(self, request: Request, report: dict[str, Any]) -> Response:
        query, spoken = request.query_params, messages(preferred_language(request))
        show, against = query.get("show", "0"), query.get("against", "")
        shown, other = chosen_map(report, show), chosen_map(report, against) if against else None
        has_future = shown["stages"][0]["predicted"] is not None
        name = partial(map_name, report, spoken)
        return self._page(
            request,
            "map.html",
            "map",
            report,
            shown=shown,
            chosen=show,
            against=against,
            other=other,
            has_future=has_future,
            totals=totals(shown, report["horizon"]),
            other_totals=totals(other, report["horizon"]) if other else None,
            bars=bars(shown, report["horizon"]),
            shown_name=name(show),
            other_name=name(against) if other else "",
            query=f"?show={quote(show)}&against={quote(against)}",
        )

    def _flows(self, request: Request, report: dict[str, Any]) -> Response:
        query, spoken = request.query_params, messages(preferred_language(request))
        chosen = chosen_flows(report, query.get("period", "0"), query.get("horizon", report["horizon"]))
        stages, shown = self._journey.stage_names, report["maps"][chosen.period]
        return self._page(
            request,
            "flows.html",
            "flows",
            report,
            period=chosen.period,
            horizon=chosen.horizon,
            past=chosen.past,
            predicted=chosen.predicted,
            past_title=spoken.text("flows.past", **spoken_span(shown, spoken)),
            past_rows=step_rows(chosen.past, stages),
            next_rows=step_rows(chosen.predicted, stages, chosen.stays),
        )

    def _figures(self, request: Request, report: dict[str, Any]) -> Response:
        language, by = preferred_language(request), request.query_params.get("by", ALL)
        if by not in DIVISIONS:
            raise PageError("no_division", by, DIVISIONS)
        label = partial(stage_label, self._journey, language=language)
        made = panels(report["kpis"], by, label, messages(language).text)
        found = report.get("attribution")  # runs of earlier releases kept none
        drawn = attribution_bars(found, messages(language).text) if found else None
        told = {"attribution": found, "attribution_bars": drawn}
        return self._page(request, "figures.html", "figures", report, by=by, panels=made, **told)

    def _audience(self, request: Request, report: dict[str, Any]) -> Response:
        curves, spoken = report["audience"]["curves"], messages(preferred_language(request))
        known = report["audience"].get("personas", {})  # runs of earlier releases kept none
        told = {
            "curves": curves,  # those of a persona are fetched once it is chosen
            "personas": {name: own["customers"] for name, own in known.items()},
            "texts": audience_texts(spoken, report["horizon"]),
            "value": usual_value(curves),
        }
        return self._page(request, "audience.html", "audience", report, **told)

    def _stage(self, request: Request, report: dict[str, Any]) -> Response:
        name = path_text(request, "stage")
        panel = self._stage_panel(report, name, preferred_language(request))
        count = next(stage["customers"] for stage in report["maps"][0]["stages"] if stage["name"] == name)
        rows, common = panel["customers"], panel["common"]
        return self._page(request, "stage.html", "map", report, stage=name, count=count, rows=rows, common=common)

    def _stage_panel(self, report: dict[str, Any], name: str, language: str) -> dict[str, Any]:
        if name not in self._journey.stage_names:
            raise PageError("no_stage", name, self._journey.stage_names)
        as_of = parse_moment(report["as_of"])
        return stage_panel(self._scorer, report["run"], name, as_of, report["horizon"], language)

    def _customer(self, request: Request) -> Response:
        name, as_of = path_text(request, "customer_id"), self._moment(request.query_params)
        language = preferred_language(request)
        try:
            known = customer_panel(self._scorer, name, as_of, language)
        except UnknownCustomerError:
            if not wants_page(request):
                raise
            return page(
                request, "customer.html", self._journey, 404, here="customers", report=None, customer=name, known=None
            )
        scores, text = known["scores"], messages(language).text
        values: dict[str, Any] = {"suppressed": bool(scores.get("suppressed"))}
        if not values["suppressed"]:
            rows = score_rows(scores)
            values |= {
                "scores": rows,
                "score_keys": [key for key in rows[0] if key != "horizon"],
                "vectors": vector_rows(scores, self._journey.stage_names),
                "wait": scores["days_to_move_median"],
                "reasons": scores["reasons"],
                "stage_next": scores["stage_next"],
                "history": history_chart(known["history"], text),
            }
        return self._page(
            request,
            "customer.html",
            "customers",
            None,
            customer=name,
            known=known,
            as_of=known["as_of"],
            since=parse_moment(known["timeline"][-1]["entered_at"]) if known["timeline"] else None,
            last=_last(known),
            spans=spans(known["timeline"], as_of),
            **values,
        )

    def _moment(self, query: Mapping[str, str]) -> int:
        """Returns the moment that a query asks for, else that of the latest run, else now."""
        given = query.get("as_of")
        if given:
            try:
                return parse_moment(given, "UTC")
            except EventLogError:
                raise PageError("no_moment", given) from None
        report = self._reader.latest()
        return time.time_ns() // 1000 if report is None else parse_moment(report["as_of"])


def _last(known: Mapping[str, Any]) -> int | None:
    times = [event["timestamp"] for event in known["events"] if event["was_known"]]
    return parse_moment(times[-1]) if times else None
