"""Read tables that name an entry of the catalogue: models with `catalog`, price processes with `preset`."""

from __future__ import annotations

from typing import Any

from simulator.catalogue.presets import presets
from simulator.catalogue.resolved import ResolvedPreset
from simulator.plan.errors import listing
from simulator.plan.keys import Choice, Key, key_kind
from simulator.plan.positions import Path, dotted
from simulator.plan.problems import toml
from simulator.plan.reading import BAD, Reading, shown
from simulator.plan.tables import Table, is_table, read_keys, require

_OF_PROCESSES = ("drift", "volatility", "change_rate", "change")
_REQUIRED = ("input_price", "output_price")
_LONGEST = 200


@key_kind
class Catalogued(Key):
    """The id of a catalogue entry, ``"provider:model"``."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        allowed = "this field takes 'provider:model', such as 'openai:gpt-4.1-mini'"
        if not isinstance(raw, str):
            reading.fail(path, f"{shown(raw)} is no text, {allowed}")
            return BAD
        provider, _, model = raw.partition(":")
        if not provider.strip() or not model.strip() or len(raw) > _LONGEST or not raw.isprintable():
            reading.fail(path, f"{shown(raw)} is no entry of the catalogue, {allowed}", _meant(raw))
            return BAD
        return raw.strip()

    def form(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\s*[^\s:][^:]*:\s*\S", "maxLength": _LONGEST}


@key_kind
class PricedTable(Table):
    """A model: its prices are written, or come from the catalogue."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not is_table(raw, path, reading):
            return BAD
        values = read_keys(self.model, raw, path, reading)
        if "catalog" in values:
            from simulator.plan.catalogue_prices import take_prices

            take_prices(values, path, reading)
        require(self.model, values, path, reading)
        return values

    def form(self) -> dict[str, Any]:
        form = super().form()
        required = [name for name in form["required"] if name not in _REQUIRED]
        return form | {
            "required": required,
            "anyOf": [{"required": ["catalog"]}, {"required": list(_REQUIRED)}],
        }


@key_kind
class ProcessTable(Table):
    """A price process: a named one, with what is written beside it in place of its own."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, dict) and isinstance(raw.get("preset"), str) and raw["preset"] in presets():
            preset = presets()[raw["preset"]]
            taken = {key: value for key, value in preset.written().items() if key not in raw}
            keys = tuple((key, toml(preset.keys[key], depth=8)) for key in taken)
            reading.presets.append(ResolvedPreset(str(path[-1]), preset.name, preset.source, keys))
            raw = raw | taken
        elif isinstance(raw, dict) and "preset" in raw:
            # The name is reported; what it would have given is not missing besides.
            reading.unread |= {dotted((*path, key)) for key in _OF_PROCESSES if key not in raw}
        return super().read(raw, path, reading)


@key_kind
class PresetName(Key):
    """The name of a price process of the catalogue."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        return self._choice.read(raw, path, reading)

    def form(self) -> dict[str, Any]:
        return self._choice.form()

    @property
    def _choice(self) -> Choice:
        return Choice(words=tuple(presets()))


def _meant(raw: str) -> str:
    from simulator.catalogue.lookup import near

    meant = near(raw[:_LONGEST])
    return f"did you mean {listing(meant)}?" if meant else "`simulate prices PATTERN` lists what there is"
