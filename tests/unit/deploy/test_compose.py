"""docker-compose.yml, what can be told without Docker: bounds, health, order, ports, and what is mounted where.

What it does is seen by `make test-compose`, but for Grafana, of which there is no image to be had there.
"""

import json
import re
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).parents[3]
COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
GRAFANA = REPOSITORY / "deploy" / "grafana"
ONCE = {"topics", "replay"}
"""Services that end when they are done."""
FROM_IMAGE = {"worker", "load", *ONCE}
"""Services of newswire's own image, which has a health check of its own."""


@pytest.fixture(params=SERVICES)
def name(request):
    return request.param


@pytest.fixture
def service(name):
    return SERVICES[name]


def mounts(service):
    """What a service has mounted: by its path in the container the file, folder or volume, and whether to write to."""
    found = {}
    for mount in service.get("volumes", ()):
        source, target, *mode = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", mount).split(":")
        found[target] = source, mode != ["ro"]
    return found


def test_a_service_is_bounded_and_may_not_become_more_than_it_is(service):
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_what_goes_on_is_started_again_and_what_ends_is_not(name, service):
    assert service.get("restart") == (None if name in ONCE else "unless-stopped")


def test_a_service_says_whether_it_is_well(name, service):
    assert ("healthcheck" in service) == (name not in FROM_IMAGE)


def test_ports_are_of_the_loopback_only_and_none_is_of_a_service_that_can_be_scaled(name, service):
    ports = service.get("ports", [])
    assert all(re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z0-9_]+_PORT:-\d+\}:\d+", port) for port in ports)
    assert bool(ports) == (name not in FROM_IMAGE)


def test_services_start_in_their_order():
    waits = {
        (name, other, how["condition"])
        for name, service in SERVICES.items()
        for other, how in service.get("depends_on", {}).items()
    }
    assert waits == {
        ("topics", "kafka", "service_healthy"),
        ("worker", "topics", "service_completed_successfully"),
        ("replay", "worker", "service_healthy"),
        ("load", "worker", "service_healthy"),
        ("grafana", "prometheus", "service_healthy"),
    }


def test_only_the_optional_parts_have_to_be_asked_for():
    asked = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert asked == {"kafka-2": ["cluster"], "kafka-3": ["cluster"], "load": ["load"]}


def test_what_is_mounted_is_there_and_every_volume_is_used_and_declared(service):
    for source, writable in mounts(service).values():
        if source.startswith("./"):
            assert (REPOSITORY / source).is_dir(), source
            assert not writable, source
        else:
            assert source in COMPOSE["volumes"], source


def test_no_volume_is_left_over():
    used = {source for service in SERVICES.values() for source, _ in mounts(service).values()}
    # Which of the two the first broker has is told by deploy/docker/cluster.env.
    assert set(COMPOSE["volumes"]) == {each for each in used if not each.startswith("./")} | {"cluster-1"}


def test_nothing_in_it_is_a_secret(service):
    assert not [name for name in service.get("environment", {}) if re.search(r"PASSWORD|SECRET|TOKEN", name)]


def test_grafana_finds_its_data_source_its_dashboards_and_the_pages_that_they_link_to():
    grafana = SERVICES["grafana"]
    mounted = {target: REPOSITORY / source for target, (source, _) in mounts(grafana).items()}
    assert mounted["/etc/grafana/provisioning"] == GRAFANA / "provisioning"
    [source] = provisioned("datasources/prometheus.yml")["datasources"]
    [provider] = provisioned("dashboards/newswire.yml")["providers"]
    host, port = source["url"].removeprefix("http://").split(":")
    assert SERVICES[host]["ports"][0].endswith(f":{port}")
    folder = mounted[provider["options"]["path"]]
    assert folder == GRAFANA / "dashboards"
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert mounted[str(home.parent)] / home.name in folder.iterdir()
    # What Grafana serves under /public lies in this folder of its image.
    for board in folder.iterdir():
        variables = {each["name"]: each for each in json.loads(board.read_text())["templating"]["list"]}
        pages = mounted[f"/usr/share/grafana{variables['runbooks']['query']}"]
        assert pages == REPOSITORY / "deploy" / "runbooks"


def test_grafana_asks_nobody_but_prometheus_for_anything():
    environment = SERVICES["grafana"]["environment"]
    assert environment["GF_PLUGINS_PREINSTALL_DISABLED"] == "true"
    for name in ("REPORTING_ENABLED", "CHECK_FOR_UPDATES", "CHECK_FOR_PLUGIN_UPDATES"):
        assert environment[f"GF_ANALYTICS_{name}"] == "false"
    assert environment["GF_NEWS_NEWS_FEED_ENABLED"] == "false"


def test_prometheus_reads_the_rules_that_are_tested():
    prometheus = SERVICES["prometheus"]
    folder, writable = mounts(prometheus)["/etc/prometheus"]
    assert (folder, writable) == ("./deploy/prometheus", False)
    assert "--config.file=/etc/prometheus/prometheus.yml" in prometheus["command"]


def test_a_cluster_is_told_all_that_one_broker_has_a_default_for():
    text = (REPOSITORY / "docker-compose.yml").read_text()
    lines = (REPOSITORY / "deploy/docker/cluster.env").read_text().splitlines()
    told = {line.partition("=")[0] for line in lines if line and not line.startswith("#")}
    assert told == {"COMPOSE_PROFILES", *re.findall(r"\$\{(CLUSTER_[A-Z_]+):-", text)}


def provisioned(path):
    """What a file tells Grafana at its start."""
    return yaml.safe_load((GRAFANA / "provisioning" / path).read_text())
