"""What the sandbox's people have in their calendars, in English and in French. Sample data, not the program's words."""

from __future__ import annotations

from typing import Final

Pair = tuple[str, str]
"""English, French."""

MEETINGS: Final[tuple[tuple[Pair, Pair, int], ...]] = (
    (("Budget figures", "Chiffres du budget"), ("Room 3.12", "Salle 3.12"), 60),
    (("Interview with an applicant", "Entretien de recrutement"), ("Room 1.04", "Salle 1.04"), 45),
    (("Release planning", "Préparation de la livraison"), ("Room 3.12", "Salle 3.12"), 90),
    (("Customer call", "Appel client"), ("", ""), 30),
    (("Training: accessible documents", "Formation : documents accessibles"), ("Library", "Bibliothèque"), 120),
    (("Design review", "Revue de conception"), ("Room 2.20", "Salle 2.20"), 60),
    (("Contract with the printer", "Contrat avec l’imprimeur"), ("Room 1.04", "Salle 1.04"), 45),
    (("Security briefing", "Point sécurité"), ("Auditorium", "Auditorium"), 45),
    (("Read the annual report", "Lecture du rapport annuel"), ("", ""), 60),
    (("Visit of the new building", "Visite du nouveau bâtiment"), ("Gate B", "Porte B"), 90),
    (("Translation check", "Relecture de la traduction"), ("", ""), 30),
    (("Works council", "Comité d’entreprise"), ("Auditorium", "Auditorium"), 90),
)
"""Title, place, minutes."""

NOTES: Final[tuple[Pair, ...]] = (
    ("Please read the paper beforehand.", "Merci de lire le document avant."),
    (
        "Agenda:\n1. Where we are\n2. What is missing\n3. Who does it",
        "Ordre du jour :\n1. Où en est-on\n2. Ce qui manque\n3. Qui",
    ),
    ("Bring the figures of the last quarter.", "Apporter les chiffres du dernier trimestre."),
    ("", ""),
)

PRIVATE: Final[tuple[Pair, ...]] = (
    ("Dental surgery", "Chirurgie dentaire"),
    ("Physiotherapy", "Kinésithérapie"),
    ("Talk about my salary", "Discussion sur mon salaire"),
    ("Bank: mortgage", "Banque : prêt immobilier"),
)
"""Titles that must never reach anybody else unless the person says so."""

HOLIDAYS: Final[tuple[tuple[int, int, Pair], ...]] = (
    (1, 1, ("New Year’s Day", "Jour de l’an")),
    (5, 1, ("Labour Day", "Fête du Travail")),
    (5, 8, ("Victory Day", "Victoire 1945")),
    (7, 14, ("National Day", "Fête nationale")),
    (8, 15, ("Assumption Day", "Assomption")),
    (11, 1, ("All Saints’ Day", "Toussaint")),
    (11, 11, ("Armistice Day", "Armistice 1918")),
    (12, 25, ("Christmas Day", "Noël")),
)

CALENDAR: Final[Pair] = ("Calendar", "Calendrier")
FAMILY: Final[Pair] = ("Family", "Famille")
STAND_UP: Final[Pair] = ("Stand-up", "Point du matin")
STAND_UP_MOVED: Final[Pair] = ("Stand-up (later today)", "Point du matin (décalé)")
REVIEW: Final[Pair] = ("Project review", "Revue de projet")
REVIEW_SHORT: Final[Pair] = ("Project review (short)", "Revue de projet (courte)")
NEW_YORK: Final[Pair] = ("Call with New York", "Appel avec New York")
ONE_TO_ONE: Final[Pair] = ("One-to-one with Bruno", "Point avec Bruno")
CLOSING: Final[Pair] = ("Month’s closing", "Clôture du mois")
BOARD: Final[Pair] = ("Board meeting", "Comité de direction")
FROM_HOME: Final[Pair] = ("Working from home", "Télétravail")
TRIP: Final[Pair] = ("Lisbon: partners’ meeting", "Lisbonne : réunion des partenaires")
FLIGHT_OUT: Final[Pair] = ("Flight to Lisbon", "Vol pour Lisbonne")
FLIGHT_BACK: Final[Pair] = ("Flight to Paris", "Vol pour Paris")
VACATION: Final[Pair] = ("Holidays", "Congés")
SUPPLIER: Final[Pair] = ("Visit of the supplier", "Visite du fournisseur")
LUNCH: Final[Pair] = ("Lunch with Clara?", "Déjeuner avec Clara ?")
OFFSITE: Final[Pair] = ("Team day (to be confirmed)", "Journée d’équipe (à confirmer)")
AUTHORITY: Final[Pair] = ("Appointment in town", "Rendez-vous en ville")
BIRTHDAY: Final[Pair] = ("Birthday: Clara", "Anniversaire : Clara")
CONCERT: Final[Pair] = ("Concert", "Concert")
SCHOOL: Final[Pair] = ("Parents’ evening", "Réunion parents-professeurs")
CHOIR: Final[Pair] = ("Choir", "Chorale")
WRITING: Final[Pair] = ("Writing, no calls please", "Rédaction, sans appels")
EDITORS: Final[Pair] = ("Editors’ round", "Comité de rédaction")


def say(pair: Pair, language: str) -> str:
    """The words in a language."""
    return pair[1] if language == "fr" else pair[0]
