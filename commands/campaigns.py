"""Commands that say how large a campaign must be, and what came of it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from commands.grouping import grouped
from commands.options import AsJson, Folder, Language, out, parse_share

app = typer.Typer()
campaigns = typer.Typer(help="Campaigns with a control group: how large, and did they help.", no_args_is_help=True)
app.add_typer(campaigns, name="campaign")


@campaigns.command()
def power(
    baseline: Annotated[str, typer.Option(help="How many do it anyway, like 8%.")],
    lift: Annotated[str, typer.Option(help="By what part more with the campaign: 10% makes 8% to 8.8%.")],
    holdout: Annotated[str, typer.Option(help="The part that is left alone.")] = "10%",
    power: Annotated[str, typer.Option(help="How probable a proof has to be if the effect is there.")] = "80%",
    alpha: Annotated[str, typer.Option(help="How probable a proof may be if there is none.")] = "5%",
    as_json: AsJson = False,
) -> None:
    """Say how many customers a campaign needs for its control group to prove the effect."""
    from models.power import Trial

    given = {"baseline": baseline, "lift": lift, "holdout": holdout, "power": power, "alpha": alpha}
    trial = Trial(**{name: parse_share(text, name) for name, text in given.items()})
    size = trial.size()
    if as_json:
        print(json.dumps({"treated": size.treated, "control": size.control, "customers": size.total}))
        return
    out.print(
        f"{size.total:,} customers: {size.treated:,} are sent the campaign and {size.control:,} left alone. Then "
        f"{trial.changed:.2%} in place of {trial.baseline:.2%} is proven in {trial.power:.0%} of campaigns, "
        f"and nothing at all passes for an effect in {trial.alpha:.0%}.",
        highlight=False,
    )


@campaigns.command("list")
def list_campaigns(folder: Folder = Path(), as_json: AsJson = False) -> None:
    """List the campaigns with the sizes of their arms."""
    from commands.campaign_tables import campaign_table
    from commands.workspace import opened_store
    from serving.campaigns.members import list_campaigns as listed

    with opened_store(folder) as store:
        found = listed(store.database)
    if as_json:
        print(json.dumps(found, indent=2))
        return
    out.print(campaign_table(found))


@dataclass(frozen=True)
class LookedFor:
    """What is looked for after a campaign, as ``Outcome`` takes it."""

    outcome: Annotated[str, typer.Option(help="purchase, churn or event.")] = "purchase"
    event: Annotated[str | None, typer.Option(help="The event's name, with --outcome event.")] = None
    days: Annotated[int, typer.Option(help="How long after the sending.")] = 28


@campaigns.command()
@grouped
def report(
    name: Annotated[str, typer.Argument(help="What the campaign is called.")],
    looked_for: LookedFor,
    folder: Folder = Path(),
    lang: Language = "en",
    as_json: AsJson = False,
) -> None:
    """Say whether a campaign did anything: the customers it was sent to, against those left alone."""
    from commands.campaign_tables import arms_table
    from commands.measuring import campaign_outcome
    from serving.campaigns.outcomes import Outcome
    from serving.campaigns.report import notes, sentence
    from serving.languages.messages import messages

    messages(lang)  # an unknown language ends here, not after all the work
    found = campaign_outcome(folder, name, Outcome(looked_for.outcome, looked_for.days, looked_for.event))
    if as_json:
        print(json.dumps(found.to_dict(lang), indent=2))
        return
    out.print(sentence(found, lang), highlight=False, markup=False)
    if found.overall is not None:
        out.print(arms_table(found))
    for note in notes(found, lang):
        out.print(note, highlight=False, markup=False)


@campaigns.command()
def uplift(
    folder: Folder = Path(),
    outcome: Annotated[str, typer.Option(help="purchase or churn.")] = "purchase",
    days: Annotated[int, typer.Option(help="How long after each sending.")] = 28,
    learner: Annotated[str, typer.Option(help="t or x: how effects are learnt.")] = "t",
    as_json: AsJson = False,
) -> None:
    """Learn from past campaigns whom one moves, and write each customer's expected effect beside the last scores."""
    from commands.measuring import write_effects
    from serving.campaigns.outcomes import Outcome

    found = write_effects(folder, Outcome(outcome, days), learner)
    if as_json:
        print(json.dumps(found.to_dict(), indent=2))
        return
    out.print(found.sentence(), highlight=False, markup=False)


@app.command()
def channels(
    folder: Folder = Path(),
    within: Annotated[str, typer.Option(help="A path ends when nothing follows for so long.")] = "30d",
    as_json: AsJson = False,
) -> None:
    """Say which channels the purchases in the store came by: removal effects and Shapley values."""
    from commands.campaign_tables import credit_table
    from commands.channels import credits

    found = credits(folder, within)
    if as_json:
        print(json.dumps(found.to_dict(), indent=2))
        return
    out.print(credit_table(found))
    out.print(
        f"{found.purchases:,} of {found.paths:,} paths ended with a purchase; {found.untouched:,} more purchases had "
        "no touch before them.",
        highlight=False,
    )


@app.command()
def contact(
    folder: Folder = Path(),
    sent: Annotated[
        list[str] | None, typer.Option(help="An event that is a message and its channel, like 'Mail Sent=email'.")
    ] = None,
    answered: Annotated[
        list[str] | None, typer.Option(help="An event that answers one, like 'Mail Opened=email'.")
    ] = None,
    within: Annotated[str, typer.Option(help="How long an answer may take.")] = "3d",
    timezone: Annotated[str, typer.Option(help="Whose hours are counted.")] = "UTC",
) -> None:
    """Write by which channel and at what hour each customer most probably answers beside the last scores."""
    from commands.channels import Asked, write_contacts

    told, customers = write_contacts(folder, Asked(sent, answered, within, timezone))
    out.print(
        f"Channel and hour of {told:,} of {customers:,} customers are in scores.parquet; of the others there is not "
        "enough data: at least 3 messages on at least 2 channels.",
        highlight=False,
    )
