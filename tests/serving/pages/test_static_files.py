import pytest

from serving.pages.static_files import known_files
from tests.serving.pages.conftest import Visitor


@pytest.mark.parametrize("name", ["app.css", "charts.js", "vendor/echarts.min.js", "mark.svg"])
def test_files_of_pages_are_served_with_their_type(site: Visitor, name: str) -> None:
    answer = site.get(f"/static/{name}")
    assert answer.status_code == 200
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-type"].split(";")[0] in ("text/css", "text/javascript", "image/svg+xml")


@pytest.mark.parametrize(
    "name", ["README.md", "..%2F__init__.py", "vendor/..%2Fapp.css", "vendor/LICENSE.echarts", "%00"]
)
def test_nothing_else_is(site: Visitor, name: str) -> None:
    assert site.get(f"/static/{name}").status_code == 404


def test_the_chart_library_stands_beside_its_licence() -> None:
    folder = known_files()["vendor/echarts.min.js"].parent
    assert {"LICENSE.echarts", "NOTICE.echarts", "LICENSE.d3", "README.md"} <= {path.name for path in folder.iterdir()}
    assert known_files()["vendor/echarts.min.js"].stat().st_size < 1_500_000
