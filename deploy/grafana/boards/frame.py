"""What surrounds the panels: variables, annotations, links between the dashboards, the grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from grafana_foundation_sdk.builders import dashboard
from grafana_foundation_sdk.models import dashboard as models

from boards.panels import HEIGHT, SOURCE, WIDTH
from boards.queries import growth, read, total

TAG: Final = "newswire"
RUNBOOKS: Final = "/public/runbooks"
"""Where Grafana serves what is mounted into its folder public/; a deployment that shows them elsewhere changes it."""

_ALL: Final = ".+"


@dataclass(frozen=True)
class Placed:
    """A panel and its size in columns (of 24) and rows of the grid."""

    panel: Any
    width: int
    height: int = HEIGHT


@dataclass(frozen=True)
class Section:
    """A headed part of a dashboard, its lines of panels top down."""

    title: str
    lines: tuple[tuple[Placed, ...], ...]


def line(*panels: Any, height: int = HEIGHT) -> tuple[Placed, ...]:  # noqa: ANN401 - see panels._common
    """Panels side by side, as wide as each other."""
    width = WIDTH // len(panels)
    return tuple(Placed(panel, width, height) for panel in panels)


def board(
    name: str, description: str, sections: tuple[Section, ...], *, with_topic: bool
) -> models.Dashboard:
    """A dashboard of sections; `with_topic` gives it the variable for streams."""
    made = dashboard.Dashboard(f"newswire: {name}").uid(f"{TAG}-{name.lower()}").description(description)
    made.tags([TAG]).readonly().time("now-3h", "now").refresh("30s").timezone("browser")
    made.tooltip(models.DashboardCursorSync.CROSSHAIR)
    made.variables(_variables(with_topic=with_topic)).annotations(_annotations()).link(_others())
    number, top = 0, 0
    for section in sections:
        number += 1
        heading = dashboard.Row(section.title).id(number).collapsed(False)
        made.with_row(heading.grid_pos(models.GridPos(x=0, y=top, w=WIDTH, h=1)))
        top += 1
        for placed_line in section.lines:
            left = 0
            for placed in placed_line:
                number += 1
                spot = models.GridPos(x=left, y=top, w=placed.width, h=placed.height)
                made.with_panel(placed.panel.id(number).grid_pos(spot))
                left += placed.width
            top += max(placed.height for placed in placed_line)
    return made.build()


def _variables(*, with_topic: bool) -> list[Any]:
    source = dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus")
    source.description("The Prometheus that scrapes the workers.")
    job = _query("job", "Job", "label_values(newswire_build_info, job)", "Prometheus's job of the workers.")
    job.current(models.VariableOption(text="newswire", value="newswire"))
    instances = 'label_values(newswire_build_info{job=~"$job"}, instance)'
    instance = _query("instance", "Instance", instances, "Workers; all by default.").include_all(True)
    instance.current(_everything())
    topics = f"label_values({read('newswire_routed_total')}, topic)"
    topic = _query("topic", "Topic", topics, "Output streams; all by default.").include_all(True)
    topic.current(_everything())
    runbooks = dashboard.TextBoxVariable("runbooks").label("Runbooks").default_value(RUNBOOKS)
    runbooks.description("Where the pages of deploy/runbooks are shown; the panels' links lead there.")
    runbooks.current(models.VariableOption(text=RUNBOOKS, value=RUNBOOKS))
    return [source, job, instance, *([topic] if with_topic else []), runbooks]


def _query(name: str, label: str, query: str, description: str) -> dashboard.QueryVariable:
    made = dashboard.QueryVariable(name).label(label).query(query).description(description)
    made.datasource(SOURCE).multi(True).all_value(_ALL)
    return made.refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(
        models.VariableSort.ALPHABETICAL_ASC
    )


def _everything() -> models.VariableOption:
    return models.VariableOption(text=["All"], value=["$__all"])


def _annotations() -> list[Annotation]:
    version = total(read("newswire_build_info"), "version", "rule", "model", "topic_rules", "python")
    before = total(
        f"{read('newswire_build_info')} offset 5m", "version", "rule", "model", "topic_rules", "python"
    )
    return [
        Annotation(
            "Deployments",
            "purple",
            f"({version}) unless ({before})",
            title="newswire {{version}}",
            text="rule {{rule}}, model {{model}} {{topic_rules}}, Python {{python}}",
        ),
        Annotation(
            "Starts",
            "blue",
            f"1000 * {read('process_start_time_seconds')}",
            title="start",
            text="{{instance}}",
            value_is_time=True,
        ),
        Annotation(
            "Rebalances",
            "orange",
            f"{total(growth('newswire_rebalances_total', over='1m'), 'job', 'instance')} > 0",
            title="rebalance",
            text="partitions were taken from {{instance}}",
        ),
    ]


class Annotation(dashboard.AnnotationQuery):
    """An annotation by PromQL, asked for each minute; what the SDK's model lacks of it is added."""

    def __init__(
        self, name: str, colour: str, expression: str, *, title: str, text: str, value_is_time: bool = False
    ) -> None:
        super().__init__()
        self._internal = _PrometheusAnnotation(
            name=name, datasource=SOURCE, enable=True, icon_color=colour, expr=expression
        )
        self._internal.further = {
            "step": "60s",
            "titleFormat": title,
            "textFormat": text,
            "useValueForTime": value_is_time,
        }


class _PrometheusAnnotation(models.AnnotationQuery):
    further: dict[str, object]

    def to_json(self) -> dict[str, object]:
        return {**super().to_json(), **self.further}


def _others() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("newswire").type(models.DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(False).include_vars(True).keep_time(True)
