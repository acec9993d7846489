"""Checks the dashboards against the schema of Grafana, by classes that are generated from it.

Each value is read by the class of its place and written again: what comes out otherwise than it went in, or not at all,
is not in the schema. Then every value is held against the type of its place. Units are those Grafana lists;
transformations, overrides and table cells, which the schema leaves open, are among those that Grafana 11 knows.

Usage: check.py DASHBOARD...
"""

import enum
import json
import pathlib
import sys
import types
import typing

from grafana_foundation_sdk.cog import encoder, plugins
from grafana_foundation_sdk.models import dashboard, units

PANELS = {"bargauge", "heatmap", "stat", "state-timeline", "table", "timeseries"}
TRANSFORMATIONS = {
    "groupingToMatrix": {"columnField", "rowField", "valueField", "emptyValue"},
    "merge": set(),
    "organize": {"excludeByName", "includeByName", "indexByName", "renameByName"},
}
MATCHERS = {"byName", "byRegexp"}
# Of the options of any field, and of those that a panel type has of its own.
PROPERTIES = {
    "any": {"color", "decimals", "displayName", "links", "mappings", "max", "min", "noValue", "thresholds", "unit"},
    "table": {"custom.align", "custom.cellOptions", "custom.filterable", "custom.hidden", "custom.width"},
    "timeseries": {"custom.hideFrom", "custom.lineStyle", "custom.lineWidth"},
}
CELLS = [{"type": "auto"}, {"type": "auto", "wrapText": True}, {"type": "color-background", "mode": "basic"}, {"type": "color-text"}]
UNITS = {value for name, value in vars(units).items() if name[0].isupper() and isinstance(value, str)}


def written(value):
    """A value as JSON has it."""
    return json.loads(json.dumps(value, cls=encoder.JSONEncoder))


def lost(given, kept, place):
    """Yields what was given and is not kept."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key not in kept and value is not None:
                yield f"{place}.{key} is not in the schema"
            else:
                yield from lost(value, kept.get(key), f"{place}.{key}")
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for number, pair in enumerate(zip(given, kept)):
            yield from lost(*pair, f"{place}[{number}]")
    elif given != kept:
        yield f"{place} is {given!r} and becomes {kept!r}"


def misfits(value, kind, place):
    """Yields what does not have the type of its place."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in parts:
            return
        trials = [list(misfits(value, part, place)) for part in parts if part is not type(None)]
        if all(trials):
            # Of several types, the one that fits best says most.
            yield from min(trials, key=len)
    elif origin is typing.Literal:
        if value not in parts:
            yield f"{place} is {value!r}, and not among {parts}"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{place} is no list: {value!r}"
            return
        for number, item in enumerate(value):
            yield from misfits(item, parts[0], f"{place}[{number}]")
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{place} is no mapping: {value!r}"
            return
        for key, item in value.items():
            yield from misfits(item, parts[1], f"{place}.{key}")
    elif isinstance(kind, type) and issubclass(kind, enum.Enum):
        if value not in [member.value for member in kind]:
            yield f"{place} is {value!r}, and not among {[member.value for member in kind]}"
    elif hasattr(kind, "from_json"):
        yield from misfits_of_class(value, kind, place)
    elif kind is float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            yield f"{place} is no number: {value!r}"
    elif kind in (bool, int, str):
        if type(value) is not kind and not (kind is str and isinstance(value, enum.Enum)):
            yield f"{place} is no {kind.__name__}: {value!r}"
    elif hasattr(value, "from_json"):
        # The class says no more than `object`, and the reader knew which.
        yield from misfits_of_class(value, type(value), place)


def misfits_of_class(value, kind, place):
    if isinstance(value, dict):
        try:
            read = kind.from_json(value)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            yield f"{place} cannot be read: {error!r}"
            return
        yield from lost(value, written(read), place)
        value = read
    if not isinstance(value, kind):
        yield f"{place} is no {kind.__name__}: {value!r}"
        return
    for name, part in typing.get_type_hints(kind).items():
        yield from misfits(getattr(value, name), part, f"{place}.{name}")


def open_parts(panel, place):
    """Yields what is wrong where the schema takes anything."""
    kind, config = panel["type"], panel["fieldConfig"]
    if kind not in PANELS:
        yield f"{place} is a {kind}, and check.py does not know its options"
    for step in panel.get("transformations", []):
        if step["id"] not in TRANSFORMATIONS:
            yield f"{place} has the transformation {step['id']}, which check.py does not know"
        else:
            for option in set(step["options"]) - TRANSFORMATIONS[step["id"]]:
                yield f"{place}: {step['id']} has no option {option}"
    fields = dict(config["defaults"])
    cells, given = [fields.get("custom", {}).get("cellOptions")], [fields]
    for override in config["overrides"]:
        if override["matcher"]["id"] not in MATCHERS:
            yield f"{place} matches {override['matcher']['id']}"
        for wanted in override["properties"]:
            key = wanted["id"]
            if key not in PROPERTIES["any"] | PROPERTIES.get(kind, set()):
                yield f"{place} sets {key}, which a {kind} does not have"
            if key == "custom.cellOptions":
                cells.append(wanted["value"])
            elif "." not in key:
                given.append({key: wanted["value"]})
    for cell in filter(None, cells):
        if cell not in CELLS:
            yield f"{place} has the cell {cell}"
    for field in given:
        yield from misfits(field, dashboard.FieldConfig, f"{place}.field")
        unit = field.get("unit")
        if unit is not None and unit not in UNITS and not unit.startswith("suffix:"):
            yield f"{place} has the unit {unit}, which Grafana does not know"


def check(path):
    given = json.loads(path.read_text())
    yield from misfits(given, dashboard.Dashboard, path.name)
    for panel in given["panels"]:
        if panel["type"] != "row":
            yield from open_parts(panel, f"{path.name}: {panel['title']}")


def main(paths):
    plugins.register_default_plugins()
    wrong = [complaint for path in paths for complaint in check(pathlib.Path(path))]
    for complaint in wrong:
        print(complaint, file=sys.stderr)
    print(f"{len(paths)} dashboards, {len(wrong)} complaints")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
