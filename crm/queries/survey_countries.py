"""The language that most people of a country read, by the country's names and letters: a guess where the browser says nothing."""

from __future__ import annotations

_COUNTRIES = {
    "de": "germany deutschland de austria österreich at switzerland schweiz ch liechtenstein li",
    "fr": "france fr luxembourg lu monaco mc",
    "es": "spain españa es mexico mx argentina ar colombia co chile cl peru pe",
    "it": "italy italia it",
    "nl": "netherlands nederland nl",
    "pt": "portugal pt brazil brasil br",
    "pl": "poland polska pl",
    "cs": "czechia cz",
    "da": "denmark danmark dk",
    "el": "greece gr",
    "fi": "finland suomi fi",
    "he": "israel il",
    "hu": "hungary hu",
    "ja": "japan jp",
    "ko": "korea kr",
    "nb": "norway norge no",
    "ro": "romania ro",
    "sv": "sweden sverige se",
    "tr": "turkey türkiye tr",
    "uk": "ukraine ua",
    "zh": "china cn",
}
LANGUAGE_OF = {country: language for language, countries in _COUNTRIES.items() for country in countries.split()}
