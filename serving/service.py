"""The BentoML service: one model, loaded once per process, behind routes of our own.

What is heavy is imported by the processes that score: the one that watches over them reads this file too.
"""

import gc
import logging
from pathlib import Path

import bentoml
from starlette.types import ASGIApp, Receive, Scope, Send

from serving.settings import Settings, set_defaults, supervisor

IS_WORKER = bentoml.server_context.worker_index is not None
set_defaults(IS_WORKER)
SETTINGS = Settings.from_environment()
LATER = 5.0  # seconds that BentoML waits longer than we do: its own answer to a late request is no problem+json


class Routes:
    """Answers every request; BentoML's own pages load from elsewhere, and its probes and errors are not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on; what is none, such as the start of the process, is BentoML's."""
        app = bentoml.get_current_service().app if scope["type"] == "http" else self._app
        await app(scope, receive, send)


@bentoml.service(
    name="nextstage",
    workers=SETTINGS.workers,
    traffic={"timeout": SETTINGS.timeout + LATER},  # its timers outlive their requests and cost memory under load
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": ".*"},  # tracing is BentoML's largest cost per request
    metrics={"enabled": False},  # its labels are paths as they were sent, ids included
)
class ScoringService:
    """Answers with the scores of the model named by the settings."""

    def __init__(self) -> None:
        from features.program import warm
        from serving.gate import NO_KEY
        from serving.keys import list_keys
        from serving.loading import REGISTRY, load_model
        from serving.metrics import Metrics
        from serving.orphans import end_with_parent
        from serving.pages.rendering import warm as warm_pages
        from serving.personal_data import finish_erasures
        from serving.routes import Limits, build_app
        from serving.scorer import Scorer
        from serving.shadow import Shadow
        from serving.store import Store

        if IS_WORKER:
            end_with_parent(supervisor())
        warm()
        self.store = Store(SETTINGS.database_url, Path(SETTINGS.folder) if SETTINGS.folder else None)
        finish_erasures(self.store.database)
        limits = Limits(SETTINGS.rate / SETTINGS.workers, SETTINGS.timeout)
        metrics = Metrics(SETTINGS.metrics_folder)
        scorer = Scorer(load_model(SETTINGS.model), self.store)
        scorer.prepare()
        warm_pages()
        self.shadow = Shadow(self.store, metrics) if SETTINGS.shadow else None
        self.app = build_app(scorer, limits, metrics, self.shadow)
        if not list_keys(self.store.database):
            logging.getLogger(__name__).warning(NO_KEY)
        # what is loaded now stays: scanning it again and again makes the slowest requests slow
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 1_000)
        self.watch = None
        if self.shadow is not None or SETTINGS.model.startswith(REGISTRY):
            from serving.following import Watch, followers  # they need MLflow, which a Bento does without

            self.watch = Watch(followers(SETTINGS, scorer, self.shadow, metrics))
            self.watch.start()

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]  # bentoml ships no type information
    def close(self) -> None:
        """Ends what works in the background and closes the store."""
        if self.watch is not None:
            self.watch.close()
        if self.shadow is not None:
            self.shadow.close()
        self.store.close()


ScoringService.add_asgi_middleware(Routes)  # type: ignore[attr-defined]  # the decorator made it a bentoml.Service
