"""The BentoML service: one model, loaded once per process, behind the mounted routes.

What is heavy is imported by the processes that score: the one that watches over them reads this file too.
"""

import gc

import bentoml
from starlette.types import Receive, Scope, Send

from serving.settings import Settings

SETTINGS = Settings.from_environment()


async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
    """Passes every request on: a Starlette application itself would leave unknown paths to BentoML's own pages."""
    await bentoml.get_current_service().app(scope, receive, send)


@bentoml.asgi_app(mounted, path="/")
@bentoml.service(
    name="nextstage",
    workers=SETTINGS.workers,
    traffic={"timeout": 30},  # for thousands of customers; its timers outlive their requests and cost memory under load
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": ".*"},  # tracing is BentoML's largest cost per request
)
class ScoringService:
    """Answers with the scores of the model named by the settings."""

    def __init__(self) -> None:
        from features.program import warm
        from models.registry import load_predictor
        from serving.routes import build_app
        from serving.scorer import Scorer
        from serving.store import Store

        warm()
        self.store = Store(SETTINGS.database_url)
        self.app = build_app(Scorer(load_predictor(SETTINGS.model), self.store))
        # what is loaded now stays: scanning it again and again makes the slowest requests slow
        gc.collect()
        gc.freeze()
        gc.set_threshold(50_000, 50, 1_000)

    @bentoml.on_shutdown  # type: ignore[untyped-decorator]  # bentoml ships no type information
    def close(self) -> None:
        """Closes the store."""
        self.store.close()
