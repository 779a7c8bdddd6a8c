"""Read the values of keys that are quantities: numbers with a unit and how sure anyone is of them."""

from dataclasses import KW_ONLY, dataclass
from typing import Annotated, Any, Literal

from pydantic_core import core_schema

from simulator.plan import dimensions as d
from simulator.plan.dimensions import Dimension, in_currency
from simulator.plan.fields import QuantityField
from simulator.plan.forms import Constant, Quantity, SameAs
from simulator.plan.keys import Key, Name, Trigger, key_kind
from simulator.plan.positions import Path, dotted
from simulator.plan.quantity import QuantityError, parse_quantity
from simulator.plan.reading import BAD, Reading, Reference, Written, shown
from simulator.plan.tables import PlanTable, entries_of, is_table, keys_of, named_form, read_keys

ITEM_KEYS = ("role", "on", "growth", "varies")
REST = "rest"


class _IsQuantity:
    """Tell pydantic that a quantity was read before and only needs to be one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.is_instance_schema(Quantity)


Held = Annotated[Quantity, _IsQuantity()]


@dataclass(frozen=True, eq=False, repr=False)
class Q(Key):
    """A quantity.

    Parameters
    ----------
    dimension
        What it measures.
    zero
        Whether it can be 0; not where something is divided by it or its logarithm is taken.
    same_as
        Whether it is drawn once per lifetime, so that it can be another quantity's draw.
    """

    dimension: Dimension
    _: KW_ONLY
    zero: bool = True
    same_as: bool = True

    @property
    def field(self) -> QuantityField:
        """What may stand here."""
        return QuantityField(self.dimension, zero=self.zero, same_as=self.same_as)

    @property
    def definition(self) -> str:
        """Name under which the JSON Schema describes quantities of this kind."""
        return self.dimension.name + "_above_0" * (not self.zero) + "_per_occurrence" * (not self.same_as)

    def read(self, raw: Any, path: Path, reading: Reading, extra_keys: tuple[str, ...] = ()) -> Any:
        name = dotted(path)
        try:
            quantity = parse_quantity(
                raw,
                self.field,
                name,
                currency=reading.currency,
                base_directory=reading.folder,
                extra_keys=extra_keys,
            )
        except QuantityError as error:
            for problem in error.problems:
                at = (*path, *below(raw, problem.path))
                unknown = problem.message.startswith("unknown key")
                reading.fail(at, problem.message, problem.hint, at_key=unknown, data=problem.is_data_error)
            reading.unread.add(name)
            target = raw.get("same_as") if isinstance(raw, dict) and self.same_as else None
            if isinstance(target, str):
                reading.dangling.append((path, target))
            return BAD
        reading.quantities[name] = Written(path, quantity, per_occurrence=not self.same_as, zero=self.zero)
        times = quantity.form.times if isinstance(quantity.form, SameAs) else None
        if times is not None:
            reading.quantities[times.name] = Written((*path, "times"), times, per_occurrence=False)
        return quantity

    def example(self, name: str, reading: Reading) -> str:
        return f'for example {name} = "{in_currency(self.dimension.example, reading.currency)}"'

    def form(self) -> dict[str, Any]:
        return {"$ref": f"#/$defs/{self.definition}"}


AMOUNT = Q(d.ITEM)
WAGE = Q(d.WAGE)
SHARE_OF_REQUESTS = Q(d.SHARE)


class Item(PlanTable):
    """A cost item."""

    name: str
    quantity: Held
    kind: Literal["money", "hours"]
    cadence: Literal["upfront", "h", "day", "month", "quarter", "year", "run", "req", "kreq"]
    role: Annotated[str | None, Name(of="people", says="Who works the hours.")] = None
    on: Annotated[str | None, Trigger(says="Paid each time that this event happens.")] = None
    growth: Annotated[Held | None, Q(d.RATE, says="Growth of the item; that of inflation unless said.")] = (
        None
    )
    varies: Annotated[Held | None, Q(d.NOISE, says="Spread of the monthly amount.")] = None


@key_kind
class CostItem(Key):
    """A cost item: money or hours, a cadence, and who works the hours."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        values: dict[str, Any] = {"name": dotted(path)}
        if isinstance(raw, dict):
            values |= read_keys(Item, {key: raw[key] for key in ITEM_KEYS if key in raw}, path, reading)
        values["quantity"] = AMOUNT.read(raw, path, reading, extra_keys=ITEM_KEYS)
        return values

    def form(self) -> dict[str, Any]:
        return {"$ref": "#/$defs/item"}


@key_kind
class ShareOrRest(Key):
    """What a routed strategy sends to one of its parts: a share, or ``"rest"``, which is read as None."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        reading.references.append(Reference(path, "strategies", str(path[-1]), ("plain",), at_key=True))
        return None if raw == REST else SHARE_OF_REQUESTS.read(raw, path, reading)

    def form(self) -> dict[str, Any]:
        return {"anyOf": [{"const": REST}, SHARE_OF_REQUESTS.form()]}


@key_kind
class Wages(Key):
    """[people]: what an hour of each role costs, and how wages grow.

    Parameters
    ----------
    model
        Declares the keys that are no roles.
    """

    model: type[PlanTable]

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not is_table(raw, path, reading):
            return BAD
        fixed = keys_of(self.model)
        values = read_keys(self.model, {key: raw[key] for key in raw if key in fixed}, path, reading)
        roles = {key: value for key, value in raw.items() if key not in fixed}
        values["roles"] = {
            role: WAGE.read(value, (*path, role), reading)
            for role, value in entries_of(roles, path, "role", reading, inline=True).items()
        }
        return values

    def form(self) -> dict[str, Any]:
        form = named_form(WAGE.form())
        form["properties"] = {name: key.form() for name, (_, key, _) in keys_of(self.model).items()}
        form["patternProperties"] = {r"^(?!(source|owner|raise)$)[A-Za-z0-9_-]{1,64}$": WAGE.form()}
        return form


@key_kind
class Budgeted(Key):
    """A constant amount of money a period or for the horizon, such as ``"180k USD/year"``."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, str):
            code = reading.currency or "USD"
            reading.fail(path, f"{shown(raw)} is no text", f"write an amount such as '180k {code}/year'")
            return BAD
        try:
            budget = parse_quantity(
                raw, QuantityField(d.BUDGET, constant=True), dotted(path), currency=reading.currency
            )
        except QuantityError as error:
            for problem in error.problems:
                reading.fail(path, problem.message, problem.hint)
            return BAD
        assert isinstance(budget.form, Constant)
        return {"amount": budget.form.value * budget.unit.factor, "per": budget.unit.cadence}

    def form(self) -> dict[str, Any]:
        number = r"^\s*[0-9.][0-9_.]*([eE][+-]?[0-9]+)?[kMB]?"
        return {"type": "string", "pattern": number + r"\s*[A-Z]{3}(\s*/\s*(month|quarter|year))?\s*$"}


def below(raw: Any, path: str) -> Path:
    """Split a path such as ``"mixture[1].value"`` into the keys and indices that it has in a value.

    Parameters
    ----------
    raw
        The value; a key may itself hold a dot, such as ``"p2.5"``.
    path
        What is to be split.
    """
    parts: list[str | int] = []
    while path:
        if isinstance(raw, list) and path.startswith("["):
            index, _, path = path[1:].partition("]")
            parts.append(int(index))
            raw = raw[int(index)] if int(index) < len(raw) else None
        elif isinstance(raw, dict):
            fitting = [key for key in raw if path == key or path.startswith((f"{key}.", f"{key}["))]
            if not fitting:
                break
            key = max(fitting, key=len)
            parts.append(key)
            raw, path = raw[key], path[len(key) :]
        else:
            break
        path = path.removeprefix(".")
    return tuple(parts)
