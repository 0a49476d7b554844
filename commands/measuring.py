"""What campaigns of a working folder came to, and whom they move."""

from pathlib import Path

from commands.workspace import now, opened_store, service_settings
from features.ingest import CUSTOMER
from features.journey import load_journey
from features.timestamps import parse_moment
from models.registry import load_predictor
from serving.batch import read_scores
from serving.campaigns.effects import Effects
from serving.campaigns.outcomes import Outcome
from serving.campaigns.report import CampaignReport, campaign_report
from serving.estimates import keep_estimates
from serving.whole_file import written_whole
from training.config import CONFIG, load_config


def campaign_outcome(folder: Path, name: str, outcome: Outcome) -> CampaignReport:
    """Returns what came of a campaign, in the stages and purchases of the folder's journey.

    Raises
    ------
    NextstageError
        If there is no such campaign, or no nextstage.yaml that names the journey.
    """
    journey = load_journey(load_config(folder / CONFIG).journey)
    with opened_store(folder) as store:
        return campaign_report(store, journey, name, outcome, now())


def write_effects(folder: Path, outcome: Outcome, learner: str) -> Effects:
    """Learns whom campaigns move; if that is proven, writes each customer's expected effect beside the last scores.

    Raises
    ------
    NextstageError
        If there are no scores, no champion, or no such learner.
    """
    path = folder / "scores.parquet"
    scores = read_scores(path)
    with opened_store(folder) as store:
        predictor = load_predictor(service_settings(folder).model).predictor
        effects = Effects.learn(store, predictor, outcome, learner, now())
        if effects.is_proven:
            expected = effects.expect(store, scores[CUSTOMER].tolist(), parse_moment(str(scores["as_of"].max())))
            column = f"{outcome.kind}_uplift"
            told = scores.assign(**{column: expected})
            with written_whole(path) as unfinished:
                told.to_parquet(unfinished, index=False)
                keep_estimates(store.database, told[[CUSTOMER, column]])  # for segments and later scores
    return effects
