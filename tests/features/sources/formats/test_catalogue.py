import pytest

from features.errors import EventLogError
from features.sources.formats.catalogue import FORMATS, format_named
from features.sources.importing.records import Options


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_made_with_the_users_options(name):
    options = Options(timezone="UTC")
    assert format_named(name, options).options == options


def test_a_misspelt_format_is_guessed():
    with pytest.raises(EventLogError, match="no format is called 'segmnt'; did you mean 'segment'"):
        format_named("segmnt", Options())
