"""Every text of the program has a German one, which takes the same values."""

from __future__ import annotations

import gettext
import io
import re

import pytest
from babel.messages.catalog import Message
from django.test import Client

from scripts.messages import (
    LANGUAGE,
    catalogue,
    catalogue_path,
    compiled,
    domain_texts,
    renewed,
    untranslated,
)
from tests import factories

DOMAINS = ("django", "djangojs")
RENEW = "run .venv/bin/python -m scripts.messages and translate what it lists"


def variants(message: Message) -> list[tuple[str, str]]:
    """Return (English, German) of each form of a message."""
    english = message.id if isinstance(message.id, tuple | list) else [message.id]
    german = message.string if isinstance(message.string, tuple | list) else [message.string]
    return [
        (english[min(place, len(english) - 1)], text or "") for place, text in enumerate(german)
    ]


def values_in(text: str) -> list[str]:
    """Return the places for values and the doubled per cent signs of a text."""
    return sorted(re.findall(r"%\(\w+\)\w|%%", text))


@pytest.mark.parametrize("domain", DOMAINS)
def test_no_text_lacks_a_german_one(domain: str) -> None:
    assert untranslated(renewed(domain)) == [], RENEW


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_translation_takes_the_values_that_its_text_takes(domain: str) -> None:
    wrong = [
        english
        for message in catalogue(domain)
        if message.id
        for english, german in variants(message)
        if german and values_in(english) != values_in(german)
    ]
    assert wrong == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_markup_in_a_text_is_in_its_translation_too(domain: str) -> None:
    tags = re.compile(r"</?\w+>")
    wrong = [
        english
        for message in catalogue(domain)
        if message.id
        for english, german in variants(message)
        if sorted(tags.findall(english)) != sorted(tags.findall(german))
    ]
    assert wrong == []


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_compiled_catalogue_is_that_of_the_texts(domain: str) -> None:
    kept = catalogue_path(domain, "mo").read_bytes()
    assert kept == compiled(catalogue(domain)), RENEW
    words = gettext.GNUTranslations(io.BytesIO(kept))
    assert words.info()["language"] == LANGUAGE


def test_texts_are_found_in_code_templates_and_modules() -> None:
    found = {text for domain in DOMAINS for _, _, text, _ in domain_texts(domain)}
    assert "Your password is changed." in found  # a view
    assert "Nothing is waiting here" in found  # a template
    assert "Why? Press 1 to 9, then R." in found  # a module
    assert ("%(n)s sample", "%(n)s samples") in found


@pytest.mark.django_db
def test_a_person_chooses_a_language_and_keeps_it() -> None:
    client = Client()
    client.force_login(factories.user())
    assert b"<h1>Projects</h1>" in client.get("/projects/").content
    answer = client.post("/language", {"language": "de", "next": "/projects/"})
    assert answer.headers["Location"] == "/projects/"
    german = client.get("/projects/").content.decode()
    assert "<h1>Projekte</h1>" in german
    assert '<html lang="de"' in german
    assert "Warum? 1 bis 9" in client.get("/words.js").content.decode()
