"""The dashboards: the JSON is what the code makes, and shows metrics that exist, all of them, each panel explained."""

import importlib.util
import itertools
import json
import re
import sys
from pathlib import Path

import pytest
import yaml
from worker.metrics import Metrics

REPOSITORY = Path(__file__).parents[3]
GRAFANA = REPOSITORY / "deploy" / "grafana"
RULES = REPOSITORY / "deploy" / "prometheus" / "rules"
RUNBOOKS = REPOSITORY / "deploy" / "runbooks"
BOARDS = {path.stem: json.loads(path.read_text("utf-8")) for path in (GRAFANA / "dashboards").glob("*.json")}

SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\{([^}]*)\}")
OF_PROMETHEUS = {"up"}
SUFFIXES = {
    "counter": ("_total",),
    "histogram": ("_bucket", "_sum", "_count"),
    "info": ("_info",),
    "gauge": ("",),
}


class Nothing:
    """A worker that has nothing to say."""

    def __getattr__(self, _name):
        return lambda: 0

    def lag_by_partition(self):
        return {0: 0}


@pytest.fixture(scope="module")
def exported():
    """By each metric that a worker exports, the names of its samples."""
    metrics = Metrics()
    metrics.observe(Nothing())
    metrics.build(rule="r", model="m")
    families = list(metrics.registry.collect())
    return {family.name: {family.name + suffix for suffix in SUFFIXES[family.type]} for family in families}


@pytest.fixture(scope="module")
def made():
    """The JSON as the code makes it now."""
    sys.path.insert(0, str(GRAFANA))
    try:
        spec = importlib.util.spec_from_file_location("build_dashboards", GRAFANA / "build.py")
        build = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build)
        return build.dashboards()
    finally:
        sys.path.remove(str(GRAFANA))


def panels(board):
    """The panels that show something: all but the headings."""
    return [panel for panel in board["panels"] if panel["type"] != "row"]


ALL_PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, board in sorted(BOARDS.items())
    for panel in panels(board)
]


def expressions(board):
    """All PromQL of a dashboard: panels, variables, annotations."""
    return [
        *(target["expr"] for panel in panels(board) for target in panel["targets"]),
        *(variable["query"] for variable in board["templating"]["list"] if variable["type"] == "query"),
        *(annotation["expr"] for annotation in board["annotations"]["list"]),
    ]


def metrics_of(text):
    return set(re.findall(r"\b(?:newswire|process)_[a-z0-9_]+\b|\bup\b(?=\{)", text))


def test_the_json_is_what_the_code_makes(made):
    written = {path.name: path.read_text("utf-8") for path in (GRAFANA / "dashboards").iterdir()}

    assert made == written, "run `make dashboards`"


def test_there_are_three_of_them_and_each_has_an_address_of_its_own():
    assert set(BOARDS) == {"overview", "worker", "news"}
    assert {board["uid"] for board in BOARDS.values()} == {f"newswire-{name}" for name in BOARDS}


@pytest.mark.parametrize("name", BOARDS)
def test_panels_have_numbers_of_their_own_and_stand_beside_each_other(name):
    every = BOARDS[name]["panels"]
    places = [panel["gridPos"] for panel in every]

    assert len({panel["id"] for panel in every}) == len(every)
    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in itertools.combinations(places, 2):
        beside = one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"]
        below = one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"]
        assert beside or below, (one, other)


@pytest.mark.parametrize("panel", ALL_PANELS)
def test_a_panel_says_what_it_shows_and_in_which_unit(panel):
    assert panel["title"]
    assert panel["description"].endswith(".")
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert panel["datasource"]["uid"] == "${datasource}"
    assert panel["targets"]
    for target in panel["targets"]:
        assert target["expr"]
        assert target["legendFormat"]


@pytest.mark.parametrize("name", BOARDS)
def test_titles_tell_the_panels_of_a_dashboard_apart(name):
    titles = [panel["title"] for panel in BOARDS[name]["panels"]]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", BOARDS)
def test_every_metric_exists_and_heeds_the_variables(name, exported):
    known = set().union(*exported.values()) | OF_PROMETHEUS
    chosen = {f"${variable['name']}" for variable in BOARDS[name]["templating"]["list"]}
    for expression in expressions(BOARDS[name]):
        assert metrics_of(expression) <= known, expression
        if expression.startswith("label_values"):
            continue
        for metric, matchers in SELECTOR.findall(expression):
            assert {"job", "instance"} <= set(re.findall(r'(\w+)=~"\$\1"', matchers)), (metric, matchers)
        assert set(re.findall(r"\$[a-z]+", expression)) <= chosen, expression


def test_every_metric_of_the_worker_is_shown_or_watched(exported):
    texts = [expression for board in BOARDS.values() for expression in expressions(board)]
    texts += [path.read_text("utf-8") for path in RULES.glob("*.yml")]
    used = metrics_of("\n".join(texts))

    assert not [name for name, samples in exported.items() if not samples & used]


@pytest.mark.parametrize("panel", ALL_PANELS)
def test_a_runbook_that_a_panel_leads_to_is_there(panel):
    for link in panel.get("links", []):
        page = link["url"].removeprefix("${runbooks}/")
        assert (RUNBOOKS / page).is_file(), page


@pytest.mark.parametrize("name", BOARDS)
def test_a_dashboard_has_its_variables_annotations_and_links(name):
    board = BOARDS[name]
    variables = [variable["name"] for variable in board["templating"]["list"]]
    topic = [] if name == "worker" else ["topic"]

    assert variables == ["datasource", "job", "instance", *topic, "runbooks"]
    assert [annotation["name"] for annotation in board["annotations"]["list"]] == [
        "Deployments",
        "Starts",
        "Rebalances",
    ]
    (link,) = board["links"]
    assert (link["type"], link["tags"], link["includeVars"], link["keepTime"]) == (
        "dashboards",
        board["tags"],
        True,
        True,
    )


def test_grafana_is_told_where_data_and_dashboards_are():
    (source,) = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    (provider,) = yaml.safe_load((GRAFANA / "provisioning/dashboards/newswire.yml").read_text())["providers"]

    assert (source["type"], source["url"], source["uid"]) == (
        "prometheus",
        "http://prometheus:9090",
        "newswire-prometheus",
    )
    assert (provider["type"], provider["options"]["path"]) == ("file", "/var/lib/grafana/dashboards")
