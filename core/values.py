"""`dataclass` for values: the standard library's, but made in a tenth of the time.

`dataclasses` compiles six methods for each frozen class with slots, 0.65 ms together (three, 0.45 ms, for one that can
be changed). A command of ours loads 65 of them, the app 50: a third of what a command cost, a tenth of the app's start.
Here the class is a dataclass in every respect (`fields`, `replace`, `asdict`, `match`), but its methods are functions
that know the fields, and only `__init__` is compiled, when the first one is made. Whatever is asked for beside that the
standard library does.

Type checkers see the standard library's decorator.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Generic

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass  # noqa: PLC0414 - so that others may import it from here
else:

    def dataclass(cls: type | None = None, /, **options: bool) -> Any:
        """Use it as `dataclasses.dataclass`; `slots=True` with or without `frozen=True`, and no more, is quick."""
        if cls is None:
            return lambda given: dataclass(given, **options)
        frozen = options.get("frozen", False)
        if options != {"slots": True, **({"frozen": True} if frozen else {})} or not _is_plain(cls):
            return dataclasses.dataclass(cls, **options)
        return _value(cls, frozen=frozen)


_OWN = ("__init__", "__repr__", "__eq__", "__hash__", "__setattr__", "__delattr__", "__reduce__")


def _is_plain(cls: type) -> bool:
    """Whether nothing of it needs what only the standard library does."""
    plain_bases = all(base in (object, Generic) for base in cls.__bases__)
    return plain_bases and not any(name in cls.__dict__ for name in _OWN)


def _value(cls: type, *, frozen: bool) -> Any:
    """The first call of `__init__` compiles the real one and puts it in its place."""
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    about = made.__dataclass_params__
    about.init = about.repr = about.eq = True
    about.frozen = frozen
    fields = dataclasses.fields(made)
    shown = [field.name for field in fields if field.repr]
    compared = [field.name for field in fields if field.compare]
    values = attrgetter(*compared) if compared else lambda _self: ()

    def __init__(self: Any, *args: Any, **named: Any) -> None:  # noqa: N807 - the real one takes its place
        made.__init__ = _init_of(made, fields)
        made.__init__(self, *args, **named)

    def __repr__(self: Any) -> str:  # noqa: N807
        return f"{type(self).__qualname__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"

    def __eq__(self: Any, other: object) -> bool:  # noqa: N807
        return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    def __hash__(self: Any) -> int:  # noqa: N807
        return hash(values(self))

    def __reduce__(self: Any) -> tuple[Any, ...]:  # noqa: N807
        return _again, (made, tuple(getattr(self, field.name) for field in fields))

    fixed = (__hash__, __setattr__, __delattr__) if frozen else ()
    for method in (__init__, __repr__, __eq__, __reduce__, *fixed):
        setattr(made, method.__name__, method)
    if not frozen:
        made.__hash__ = None
    return made


def __setattr__(self: Any, name: str, _value: object) -> None:  # noqa: N807
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def __delattr__(self: Any, name: str) -> None:  # noqa: N807
    raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")


def _init_of(made: type, fields: tuple[dataclasses.Field[Any], ...]) -> Any:
    """`__init__` with the fields as its parameters."""
    names: dict[str, Any] = {"_missing": dataclasses.MISSING}
    frozen = made.__dataclass_params__.frozen  # type: ignore[attr-defined]
    parameters: list[str] = []
    keywords: list[str] = []
    body: list[str] = []
    for field in fields:
        name = field.name
        names[f"_set_{name}"] = made.__dict__[name].__set__
        value = name
        if field.default_factory is not dataclasses.MISSING:
            names[f"_new_{name}"] = field.default_factory
            value = f"_new_{name}() if {name} is _missing else {name}" if field.init else f"_new_{name}()"
        elif not field.init and field.default is dataclasses.MISSING:
            continue
        elif not field.init:
            names[f"_default_{name}"], value = field.default, f"_default_{name}"
        body.append(f" _set_{name}(self, {value})" if frozen else f" self.{name} = {value}")
        if field.init:
            (keywords if field.kw_only else parameters).append(name + _default(field, names))
    if hasattr(made, "__post_init__"):
        body.append(" self.__post_init__()")
    taken = ", ".join(["self", *parameters, *(["*", *keywords] if keywords else [])])
    exec(f"def __init__({taken}):\n" + ("\n".join(body) or " pass"), names)  # noqa: S102 - of names in our own source
    return names["__init__"]


def _default(field: dataclasses.Field[Any], names: dict[str, Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return "=_missing"
    if field.default is dataclasses.MISSING:
        return ""
    names[f"_default_{field.name}"] = field.default
    return f"=_default_{field.name}"


def _again(made: type, values: tuple[object, ...]) -> object:
    """A copy, or what was pickled."""
    new: object = object.__new__(made)
    for field, value in zip(dataclasses.fields(made), values, strict=True):
        object.__setattr__(new, field.name, value)
    return new
