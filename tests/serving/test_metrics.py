from pathlib import Path

from serving.gauges import Reading
from serving.metrics import Metrics


def lines(metrics: Metrics) -> list[str]:
    return metrics.text({"data": 5.5}, {"name": "shop", "version": "3"}).decode().splitlines()


def test_requests_are_counted_by_route_method_and_status() -> None:
    metrics = Metrics()
    for status in (200, 200, 404):
        metrics.answered("/customers/{customer_id}", "GET", status, 0.004)
    metrics.stored(7)
    told = lines(metrics)
    assert 'nextstage_requests_total{method="GET",route="/customers/{customer_id}",status="200"} 2.0' in told
    assert 'nextstage_requests_total{method="GET",route="/customers/{customer_id}",status="404"} 1.0' in told
    assert 'nextstage_request_seconds_bucket{le="0.005",route="/customers/{customer_id}"} 3.0' in told
    assert 'nextstage_request_seconds_bucket{le="0.0025",route="/customers/{customer_id}"} 0.0' in told
    assert "nextstage_events_stored_total 7.0" in told


def test_a_method_that_nobody_knows_makes_no_series_of_its_own() -> None:
    metrics = Metrics()
    for method in ("BREW", "WHEN"):
        metrics.answered("elsewhere", method, 405, 0.001)
    assert 'nextstage_requests_total{method="other",route="elsewhere",status="405"} 2.0' in lines(metrics)


def test_ages_and_the_model_are_told_as_they_are_now() -> None:
    told = lines(Metrics())
    assert "nextstage_data_age_seconds 5.5" in told
    assert 'nextstage_model{name="shop",version="3"} 1.0' in told


def test_readings_of_one_name_are_one_gauge() -> None:
    given = [Reading("nextstage_x", "An x", {"of": name}, value) for name, value in (("a", 1.5), ("b", 2.0))]
    told = Metrics().text({}, {"name": "shop"}, [*given, Reading("nextstage_y", "A y", {}, 3.0)]).decode().splitlines()
    assert 'nextstage_x{of="a"} 1.5' in told
    assert 'nextstage_x{of="b"} 2.0' in told
    assert "nextstage_y 3.0" in told
    assert told.count("# TYPE nextstage_x gauge") == 1


def test_two_services_in_one_process_count_on_their_own() -> None:
    first, second = Metrics(), Metrics()
    first.stored(1)
    assert "nextstage_events_stored_total 0.0" in lines(second)


def test_a_shared_folder_is_read_even_if_it_is_empty(tmp_path: Path) -> None:
    assert "nextstage_data_age_seconds 5.5" in lines(Metrics(str(tmp_path)))
