"""Which properties of an item or a folder an answer has: BaseShape, AdditionalProperties, and the paths in them."""

from __future__ import annotations

from core.sandbox.exchange.errors import EwsError
from core.sandbox.exchange.xml import Element, child, children, name_of, text_of, truth
from core.values import dataclass

_TAG_TYPES = "PropertyType"


def extended_key(path: Element) -> str:
    """One spelling for the name of an extended property, from its ExtendedFieldURI."""
    tag = path.get("PropertyTag", "")
    if tag:
        number = int(tag, 16) if tag.lower().startswith("0x") else int(tag)
        return f"tag:{number:#06x}:{path.get(_TAG_TYPES, '')}"
    space = path.get("DistinguishedPropertySetId", "") or path.get("PropertySetId", "").lower()
    return f"{space}:{path.get('PropertyId', '')}:{path.get('PropertyName', '')}:{path.get(_TAG_TYPES, '')}"


def field_name(uri: str) -> str:
    """The property's element of a FieldURI: `calendar:Start` is `Start`."""
    return uri.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Shape:
    """What was asked for. `names` and `extended` come on top of the base."""

    base: str = "IdOnly"
    names: frozenset[str] = frozenset()
    extended: tuple[str, ...] = ()
    indexed: tuple[tuple[str, str], ...] = ()
    """FieldURI and FieldIndex of dictionaries' entries (a contact's addresses, a message's headers)."""
    body: str = "Best"
    mime: bool = False

    @classmethod
    def read(cls, shape: Element | None) -> Shape:
        """From an ItemShape or a FolderShape."""
        names, extended, indexed = set(), [], []
        for path in children(shape, "AdditionalProperties"):
            match name_of(path):
                case "FieldURI":
                    names.add(field_name(path.get("FieldURI", "")))
                case "ExtendedFieldURI":
                    extended.append(extended_key(path))
                case "IndexedFieldURI":
                    indexed.append((field_name(path.get("FieldURI", "")), path.get("FieldIndex", "")))
                case other:
                    raise EwsError("ErrorInvalidPropertyRequest", f"Property {other} is not valid here.")
        return cls(
            text_of(shape, "BaseShape") or "AllProperties",
            frozenset(names),
            tuple(extended),
            tuple(indexed),
            text_of(shape, "BodyType") or "Best",
            truth(text_of(shape, "IncludeMimeContent")) or "MimeContent" in names,
        )

    @property
    def everything(self) -> bool:
        """Whether all first-class properties are wanted."""
        return self.base == "AllProperties"


def shape_of(request: Element, name: str) -> Shape:
    """The shape in a request."""
    return Shape.read(child(request, name))
