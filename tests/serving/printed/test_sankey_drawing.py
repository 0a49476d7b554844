from itertools import pairwise

import pytest

from serving.printed.reader import Reader
from serving.printed.sankey_drawing import ALL_BANDS, draw_sankey
from serving.printed.scene import Label, Ribbon
from tests.serving.scored import ScoredStore


def ribbons(scene) -> list[Ribbon]:
    return [shape for shape in scene.shapes if isinstance(shape, Ribbon)]


def test_every_flow_is_a_band_as_thick_as_its_customers(scored: ScoredStore, reader: Reader) -> None:
    flows = scored.report["flows"]["past"]
    drawn = ribbons(draw_sankey(flows, "Past", reader))
    total = sum(flow["customers"] for flow in flows)
    assert len(drawn) == len(flows)
    for side in ("start", "end"):
        thick = [getattr(band, side)[1] - getattr(band, side)[0] for band in drawn]
        assert sum(thick) == pytest.approx(ALL_BANDS)
        assert sorted(thick) == pytest.approx(sorted(flow["customers"] / total * ALL_BANDS for flow in flows))


def test_bands_of_one_side_do_not_overlap_and_stay_on_the_paper(scored: ScoredStore, reader: Reader) -> None:
    scene = draw_sankey(scored.report["flows"]["past"], "Past", reader)
    for side in ("start", "end"):
        spans = sorted(getattr(band, side) for band in ribbons(scene))
        assert all(first[1] <= second[0] + 1e-6 for first, second in pairwise(spans))
        assert spans[-1][1] <= scene.height


def test_the_names_carry_the_sums(scored: ScoredStore, reader: Reader) -> None:
    flows = scored.report["flows"]["past"]
    said = {shape.text for shape in draw_sankey(flows, "Past", reader).shapes if isinstance(shape, Label)}
    for name in {flow["source"] for flow in flows}:
        leaving = sum(flow["customers"] for flow in flows if flow["source"] == name)
        assert f"{reader.label(name)}  {leaving:,}" in said


def test_no_flow_at_all_is_said(reader: Reader) -> None:
    scene = draw_sankey([], "Past", reader)
    assert not ribbons(scene)
    assert [shape.text for shape in scene.shapes] == ["Past", "none"]
