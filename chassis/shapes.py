"""Shapes of JSON, each declared once: what is read, refused and described follows from it.

    class LineInput(Body):                        what a call takes
        sku: Annotated[str, text(64)]
        quantity: Annotated[int, whole(1, 99)]

    class HeldLine(TypedDict):                    what a call answers
        sku: str
        quantity: int

A `Body` is read strictly, by the rules of its fields; every wrong field is named. An answer is a
plain dict: mypy holds it against its TypedDict where it is built, so that answering costs nothing
more. `chassis.docs` describes both in the OpenAPI document.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Self, TypeVar

from django.core.exceptions import ValidationError as Unfit
from django.core.validators import RegexValidator
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.annotated_handlers import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import (
    CoreSchema,
    no_info_before_validator_function,
    no_info_plain_validator_function,
)

from chassis.errors import FieldError, Invalid, escaped
from chassis.money import AMOUNT, CURRENCY, Money, WireMoney
from chassis.text import EMAIL_MAX, LINE, VISIBLE_LINE, is_invisible, validate_email, validate_line

JsonSchema = dict[str, Any]
LONE = re.compile(r"[\ud800-\udfff]")
T = TypeVar("T")
Reason = tuple[str, str]  # what to do about a wrong value, and a stable code


class Body(BaseModel):
    """What a call takes. A field that is not declared is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @classmethod
    def read(cls, data: object) -> Self:
        """The body that decoded JSON is. Raises Invalid, which names each wrong field."""
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            errors = tuple(field_errors(error.errors(include_url=False)))
            raise Invalid("One or more fields are invalid; see errors.", errors=errors) from None


def reader(shape: type[T]) -> Callable[[Any], T]:
    """A function that makes a value of `shape`, of what a service answered, from decoded JSON.

    It raises ValueError, which says what is wrong first and repeats nothing of the answer: the
    error may be logged, and the answer may hold personal data.
    """
    validate = TypeAdapter(shape).validate_python

    def read(body: Any) -> T:
        try:
            return validate(body)
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            where = f"first {first['loc']}: {first['type']}"
            raise ValueError(f"{error.error_count()} wrong, {where}") from None

    return read


class WrongValue(ValueError):
    """A value breaks its rule, in one way or in several."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(reasons)
        self.reasons = reasons


@dataclass(frozen=True)
class Rule:
    """How a value is read (`read` raises WrongValue), and its JSON Schema."""

    read: Callable[[Any], Any]
    described: JsonSchema = field(hash=False)

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> CoreSchema:
        return no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> JsonSchema:
        return dict(self.described)


@dataclass(frozen=True)
class Several:
    """A list of one item at least; a longer one than `most` is refused unread."""

    most: int

    def check(self, value: Any) -> Any:
        if not isinstance(value, list):
            kind = type(value).__name__
            raise WrongValue((f'Expected a list of items but got type "{kind}".', "not_a_list"))
        if not value:
            raise WrongValue(("This list may not be empty.", "empty"))
        if len(value) > self.most:
            detail = f"Ensure this field has no more than {self.most} elements."
            raise WrongValue((detail, "max_length"))
        return value

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchema:
        return {**handler(schema), "minItems": 1, "maxItems": self.most}


def text(
    max_length: int,
    *,
    allow_blank: bool = False,
    shape: Callable[[str], None] = validate_line,
    **described: Any,
) -> Rule:
    """A line of text; what surrounds it is dropped, and invisible characters alone are blank.

    `shape` raises Django's ValidationError. The length counts as it was sent.
    """

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongValue(("Not a valid string.", "invalid"))
        if is_invisible(value):
            if allow_blank:
                return ""
            raise WrongValue(("This field may not be blank.", "blank"))
        if reasons := _broken(value, max_length, shape):
            raise WrongValue(*reasons)
        return value.strip()

    if allow_blank:
        return Rule(read, {"type": "string", "maxLength": max_length, "pattern": f"{LINE}|^$"})
    pattern = {} if described else {"pattern": VISIBLE_LINE}
    bounds = {"type": "string", "minLength": 1, "maxLength": max_length}
    return Rule(read, {**bounds, **pattern, **described})


def matching(pattern: str, advice: str, *, max_length: int) -> Rule:
    """A text that a regular expression matches from its beginning to its end."""
    shape = RegexValidator(rf"{pattern}\Z", advice)
    return text(max_length, shape=shape, pattern=f"{pattern}$")


def email() -> Rule:
    """An address that mail can be sent to; see chassis.text."""
    return text(EMAIL_MAX, shape=validate_email, format="email")


def whole(least: int, most: int) -> Rule:
    """A whole JSON number, 2 or 2.0 (JSON Schema's integer); text and true are refused."""

    def read(value: Any) -> int:
        if type(value) not in (int, float) or value != value // 1:
            raise WrongValue(("A valid integer is required.", "invalid"))
        if value < least:
            detail = f"Ensure this value is greater than or equal to {least}."
            raise WrongValue((detail, "min_value"))
        if value > most:
            raise WrongValue((f"Ensure this value is less than or equal to {most}.", "max_value"))
        return int(value)

    wide = {"format": "int64"} if most >= 2**31 else {}
    return Rule(read, {"type": "integer", "minimum": least, "maximum": most, **wide})


def one_of(choices: Collection[str]) -> Rule:
    """One of `choices`; where they are a mapping, its values describe them."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or value not in choices:
            raise WrongValue((f'"{value}" is not a valid choice.', "invalid_choice"))
        return value

    described: JsonSchema = {"type": "string", "enum": list(choices)}
    if isinstance(choices, Mapping):
        lines = (f"* `{value}` - {label}" for value, label in choices.items())
        described["description"] = "\n".join(lines)
    return Rule(read, described)


def _money(value: Any) -> Money:
    try:
        return Money.from_wire(value)
    except ValueError as error:
        raise WrongValue((str(error), "invalid_money")) from None


MONEY: JsonSchema = {
    "type": "object",
    "properties": {
        "amount": {"type": "string", "pattern": f"^{AMOUNT.pattern}$"},
        "currency": {"type": "string", "pattern": f"^{CURRENCY.pattern}$"},
    },
    "required": ["amount", "currency"],
    "additionalProperties": False,
    "example": {"amount": "19.90", "currency": "EUR"},
}
# Read as Money, and answered in its wire form.
Price = Annotated[Money, Rule(_money, MONEY)]
WirePrice = Annotated[WireMoney, Rule(_money, MONEY)]
WireTime = Annotated[str, Field(json_schema_extra={"format": "date-time"})]  # RFC 3339, UTC


def _broken(value: str, most: int, shape: Callable[[str], None]) -> list[Reason]:
    found = []
    if len(value) > most:
        found.append((f"Ensure this field has no more than {most} characters.", "max_length"))
    try:
        shape(value)
    except Unfit as error:
        found.append((error.messages[0], str(error.code)))
    return found


def field_errors(found: Sequence[ErrorDetails]) -> Iterator[FieldError]:
    """What pydantic found, in our words. An object with unknown fields is told those alone."""
    unknown: dict[tuple[int | str, ...], list[str]] = defaultdict(list)
    for each in found:
        if each["type"] == "extra_forbidden":
            unknown[each["loc"][:-1]].append(str(each["loc"][-1]))
        elif each["type"] == "string_unicode":  # pydantic reads no name with a lone surrogate
            unknown[each["loc"]] += filter(LONE.search, each["input"])
    for each in found:
        place = each["loc"]
        outer = next((place[:n] for n in range(len(place) + 1) if place[:n] in unknown), None)
        if outer is None:
            yield from (FieldError(_pointer(place), *reason) for reason in _reasons(each))
            continue
        for name in sorted(unknown[outer]):
            detail = "This field is not known here; leave it out."
            yield FieldError(_pointer((*outer, name)), detail, "unknown_field")
        unknown[outer] = []  # told


def _reasons(error: ErrorDetails) -> Sequence[Reason]:
    value = error["input"]
    match error["type"]:
        case "missing":
            return [("This field is required.", "required")]
        case _ if value is None:
            return [("This field may not be null." if error["loc"] else "No data provided", "null")]
        case "value_error" if isinstance(wrong := error["ctx"]["error"], WrongValue):
            return wrong.reasons
        case "model_type":
            kind = type(value).__name__
            return [(f"Invalid data. Expected a dictionary, but got {kind}.", "invalid")]
        case _:
            return [(error["msg"], "invalid")]


def _pointer(place: Sequence[int | str]) -> str:
    return "".join(f"/{escaped(str(part))}" for part in place)
