"""The manifest of a partition folder: written last, so that a folder without one is known to be unfinished."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from features.errors import PartitionError
from features.vocabulary import Vocabulary

MANIFEST = "partitions.json"
STAGING = ".unfinished"
"""The folder within that holds what is not divided yet."""
FORMAT = 1


@dataclass(frozen=True)
class Manifest:
    """What is known of a divided log as a whole.

    Parameters
    ----------
    customers, events
        The numbers of them in each partition.
    start, end
        The time of the first event, and until when events are complete, UTC microseconds.
    dimensions, measures
        The extra columns that were kept.
    has_attributes
        Whether there is a table of customer attributes.
    data_hash
        The SHA-256 of the fingerprints of the partitions' logs in order; after an erasure, of what it was before and
        the fingerprint of the log that lost a customer.
    """

    customers: tuple[int, ...]
    events: tuple[int, ...]
    start: int
    end: int
    dimensions: tuple[str, ...]
    measures: tuple[str, ...]
    has_attributes: bool
    data_hash: str
    vocabulary: Vocabulary

    def save(self, folder: Path) -> None:
        """Writes the manifest, which makes a folder of partitions complete."""
        unfinished = folder / f".{MANIFEST}"
        document = {**asdict(self), "format": FORMAT, "vocabulary": self.vocabulary.to_dict()}
        unfinished.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
        unfinished.replace(folder / MANIFEST)

    @classmethod
    def load(cls, folder: Path) -> "Manifest":
        """Returns the manifest in a folder.

        Raises
        ------
        PartitionError
            If there is none, it is damaged, or of another format.
        """
        path = folder / MANIFEST
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document.pop("format") != FORMAT:
                raise PartitionError(f"{path} has another format than {FORMAT}; partition the events again")
            document = {name: tuple(entry) if isinstance(entry, list) else entry for name, entry in document.items()}
            return cls(**{**document, "vocabulary": Vocabulary.from_dict(document["vocabulary"])})
        except FileNotFoundError:
            raise PartitionError(
                f"{folder} holds no {MANIFEST}, so it is no finished partition folder; "
                "make one with 'nextstage partition EVENTS FOLDER'"
            ) from None
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, AttributeError) as problem:
            raise PartitionError(f"{path} is damaged ({problem}); partition the events again") from None
