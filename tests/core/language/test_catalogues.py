"""Every string that a person can see has its French, with the same placeholders, and the compiled file is current."""

import ast
import gettext
import io
import re

import pytest

from tests import catalogues


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_string_of_the_source_is_translated(language: str):
    assert catalogues.missing(catalogues.updated(language, catalogues.extract())) == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_source(language: str):
    assert catalogues.wrong_holes(catalogues.read(language)) == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_compiled_catalogue_is_what_the_text_one_says(language: str):
    compiled = catalogues.po_file(language).with_suffix(".mo").read_bytes()
    assert compiled == catalogues.mo_bytes(catalogues.read(language))


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_catalogue_holds_no_string_that_the_source_lost(language: str):
    known = {str(message.id) for message in catalogues.extract() if message.id}
    assert {str(message.id) for message in catalogues.read(language) if message.id} - known == set()


def test_a_missing_translation_and_a_lost_placeholder_are_seen():
    catalog = catalogues._empty("fr")
    catalog.add("Send to {name}", "Envoyer")
    catalog.add("Cancel", "")
    assert catalogues.wrong_holes(catalog) == ["Send to {name}"]
    assert catalogues.missing(catalog) == ["Cancel"]


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_compiled_catalogue_can_be_read_by_gettext(language: str):
    data = catalogues.po_file(language).with_suffix(".mo").read_bytes()
    assert gettext.GNUTranslations(io.BytesIO(data)).gettext("Free") != "Free"


def accelerators() -> dict[str, list[tuple[str, str]]]:
    """The letters after `&` in the French labels, by the file whose dialog shows them together."""
    found: dict[str, list[tuple[str, str]]] = {}
    for message in catalogues.read("fr"):
        text = message.string if isinstance(message.string, str) else ""
        if message.id and "&" in text:
            for file, _line in message.locations:
                found.setdefault(file, []).append((text[text.index("&") + 1].lower(), text))
    return found


def test_a_label_has_its_letter_in_both_languages():
    different = [
        message.id
        for message in catalogues.read("fr")
        if isinstance(message.id, str) and message.id.count("&") != str(message.string).count("&")
    ]
    assert different == []


def test_no_two_labels_of_a_dialog_have_the_same_french_letter():
    double = {
        file: sorted(labels)
        for file, labels in accelerators().items()
        if len({letter for letter, _text in labels}) != len(labels)
    }
    assert double == {}


def test_spaces_at_the_ends_of_a_text_are_the_same_in_french():
    different = [
        message.id
        for message in catalogues.read("fr")
        if isinstance(message.id, str)
        and message.id
        and (message.id[0].isspace(), message.id[-1].isspace())
        != (str(message.string)[:1].isspace(), str(message.string)[-1:].isspace())
    ]
    assert different == []


def test_a_quotation_mark_is_never_parted_from_its_words():
    parted = [
        text
        for message in catalogues.read("fr")
        for text in (message.string if isinstance(message.string, list | tuple) else (message.string,))
        if message.id and re.search("«(?!\u00a0)|(?<!\u00a0)»", text)
    ]
    assert parted == []


def test_no_line_of_french_begins_with_the_sign_that_ends_a_part():
    parted = re.compile(r"(?<=\S) [:;?!»](?=\s|$)")
    lists_signs = "ni * ? [ ] ni"
    french = [text for message in catalogues.read("fr") if message.id for text in _texts(message.string)]
    assert [text for text in french if parted.search(text.replace(lists_signs, ""))] == []


def _texts(string: str | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


def test_strings_inside_f_strings_and_plurals_are_found():
    tree = ast.parse("""f"{_('inside')} {_(name)}"; ngettext('{n} day', '{n} days', n); N_('named'); _('')""")
    assert sorted(map(str, catalogues.messages_of(tree))) == ["('{n} day', '{n} days')", "inside", "named"]
