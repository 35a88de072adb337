"""What the panels of all dashboards have in common: source, look, thresholds, links to runbooks.

A panel is asked for by its title, what it means, and its queries; where it stands on the grid is up to `frame.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    heatmap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from boards.queries import growth, part, total

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
WIDTH: Final = 24
HEIGHT: Final = 8
GOOD, DOUBTFUL, BAD = "green", "yellow", "red"


@dataclass(frozen=True)
class Query:
    """An expression and how its series are called; `instant` asks for the newest value only."""

    expression: str
    legend: str = "__auto"
    instant: bool = False
    form: PromQueryFormat = PromQueryFormat.TIME_SERIES

    @classmethod
    def by(cls, label: str, expression: str) -> Query:
        """The sum over workers by a label, each series called by its value."""
        return cls(total(expression, label), f"{{{{{label}}}}}")

    @classmethod
    def part(cls, metric: str, matcher: str, name: str) -> Query:
        """The share that series of a counter have in its growth over the time shown, as one number."""
        return cls(part(growth, metric, matcher), name, instant=True)


@dataclass(frozen=True)
class Steps:
    """Colours by value: the first colour below the first bound, the next from it on, and so on."""

    colours: tuple[str, ...]
    bounds: tuple[float, ...]

    @classmethod
    def above(cls, doubtful: float, bad: float) -> Steps:
        """Good below two bounds."""
        return cls((GOOD, DOUBTFUL, BAD), (doubtful, bad))

    @classmethod
    def below(cls, bad: float, doubtful: float) -> Steps:
        """Good above two bounds."""
        return cls((BAD, DOUBTFUL, GOOD), (bad, doubtful))

    def build(self) -> dashboard.ThresholdsConfig:
        """As Grafana wants them."""
        steps = [
            models.Threshold(value=bound, color=colour)
            for bound, colour in zip((None, *self.bounds), self.colours, strict=True)
        ]
        return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(steps)


NEUTRAL: Final = Steps(("blue",), ())


def series(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    steps: Steps | None = None,
    stacked: bool = False,
    bars: bool = False,
    most: float | None = None,
    runbooks: Iterable[str] = (),
) -> timeseries.Panel:
    """Curves over time; `steps` are drawn as lines, `most` is the end of the axis."""
    legend = common.VizLegendOptions().show_legend(True).display_mode(looks.LegendDisplayMode.TABLE)
    legend.placement(looks.LegendPlacement.BOTTOM).calcs(["mean", "max", "lastNotNull"])
    tooltip = common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI).sort(looks.SortOrder.DESCENDING)
    panel = _common(timeseries.Panel(), title, description, unit, queries, steps or NEUTRAL, runbooks)
    panel.color_scheme(dashboard.FieldColor().mode(models.FieldColorModeId.PALETTE_CLASSIC))
    panel.legend(legend).tooltip(tooltip).min(0).line_width(1)
    panel.draw_style(looks.GraphDrawStyle.BARS if bars else looks.GraphDrawStyle.LINE)
    panel.fill_opacity(60 if bars else 30 if stacked else 8).show_points(looks.VisibilityMode.NEVER)
    if stacked:
        panel.stacking(common.StackingConfig().mode(looks.StackingMode.NORMAL).group("A"))
    if steps:
        panel.thresholds_style(
            common.GraphThresholdsStyleConfig().mode(looks.GraphThresholdsStyleMode.DASHED)
        )
    if most is not None:
        panel.max(most)
    return panel


def number(
    title: str,
    description: str,
    unit: str,
    *queries: Query,
    steps: Steps = NEUTRAL,
    runbooks: Iterable[str] = (),
) -> stat.Panel:
    """One number, coloured by its steps, with its curve behind it."""
    panel = _common(stat.Panel(), title, description, unit, queries, steps, runbooks)
    panel.color_mode(looks.BigValueColorMode.VALUE)
    instant = all(query.instant for query in queries)
    panel.graph_mode(looks.BigValueGraphMode.NONE if instant else looks.BigValueGraphMode.AREA)
    panel.text_mode(looks.BigValueTextMode.AUTO).reduce_options(_last())
    return panel


def heat(
    title: str, description: str, unit: str, histogram: str, *, runbooks: Iterable[str] = ()
) -> heatmap.Panel:
    """How often each bucket of a histogram was hit; `histogram` is its increase by `le`."""
    query = Query(histogram, "{{le}}", form=PromQueryFormat.HEATMAP)
    panel = _common(heatmap.Panel(), title, description, unit, [query], NEUTRAL, runbooks)
    panel.calculate(False).y_axis(heatmap.YAxisConfig().unit(unit)).cell_gap(1).filter_values(
        heatmap.FilterValueRange().le(1e-9)
    )
    return panel.color(
        heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64)
    )


def bars(title: str, description: str, unit: str, label: str, values: str) -> bargauge.Panel:
    """A bar for each series' newest value, called by a label; the largest first."""
    query = Query(f"sort_desc({values})", f"{{{{{label}}}}}", instant=True)
    panel = _common(bargauge.Panel(), title, description, unit, [query], NEUTRAL, ())
    panel.orientation(looks.VizOrientation.HORIZONTAL).display_mode(looks.BarGaugeDisplayMode.GRADIENT)
    panel.min(0).show_unfilled(True).value_mode(looks.BarGaugeValueMode.TEXT)
    return panel.reduce_options(_last())


def states(
    title: str,
    description: str,
    query: Query,
    names: dict[int, tuple[str, str]],
    *,
    runbooks: Iterable[str] = (),
) -> statetimeline.Panel:
    """A band for each series; `names` gives text and colour of each value."""
    panel = _common(statetimeline.Panel(), title, description, "none", [query], NEUTRAL, runbooks)
    shown: dict[str, Any] = {
        str(value): models.ValueMappingResult(text=text, color=colour)
        for value, (text, colour) in names.items()
    }
    panel.mappings([models.ValueMap(options=shown)]).merge_values(True)
    return panel.show_value(looks.VisibilityMode.AUTO)


def rows(
    title: str, description: str, queries: Sequence[Query], columns: dict[str, tuple[str, str]]
) -> table.Panel:
    """A table of newest values, joined by their labels; `columns` gives title and unit of each column that is shown.

    A value's column is called `Value #A` for the first query, `Value #B` for the next.
    """
    asked = [Query(q.expression, q.legend, instant=True, form=PromQueryFormat.TABLE) for q in queries]
    panel = _common(table.Panel(), title, description, "none", asked, NEUTRAL, ())
    panel.transformations(
        [
            models.DataTransformerConfig(id_val="merge", options={}),
            models.DataTransformerConfig(
                id_val="filterFieldsByName", options={"include": {"names": list(columns)}}
            ),
            models.DataTransformerConfig(
                id_val="organize",
                options={
                    "renameByName": {name: shown for name, (shown, _) in columns.items()},
                    "indexByName": {name: place for place, name in enumerate(columns)},
                },
            ),
        ]
    )
    for shown, unit in columns.values():
        panel.override_by_name(shown, [models.DynamicConfigValue(id_val="unit", value=unit)])
    return panel


def _common(
    panel: Any,  # noqa: ANN401 - the builders of the panels share methods, not a base that has them
    title: str,
    description: str,
    unit: str,
    queries: Sequence[Query],
    steps: Steps,
    runbooks: Iterable[str],
) -> Any:  # noqa: ANN401
    panel.title(title).description(description).unit(unit).datasource(SOURCE)
    panel.thresholds(steps.build())
    for letter, query in zip("ABCDEFGH", queries, strict=False):
        target = prometheus.Dataquery().expr(query.expression).legend_format(query.legend)
        target.ref_id(letter).format(query.form).datasource(SOURCE)
        panel.with_target(target.instant() if query.instant else target.range())
    panel.links([_runbook(name) for name in runbooks])
    return panel


def _runbook(name: str) -> dashboard.DashboardLink:
    link = dashboard.DashboardLink(f"Runbook: {name.replace('-', ' ')}")
    link.type(models.DashboardLinkType.LINK).target_blank(True)
    return link.url(f"${{runbooks}}/{name}.md")


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
