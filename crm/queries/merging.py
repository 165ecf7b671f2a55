"""Two records that are to become one: which value would win, what hangs on the one that goes.

A customer who is a person is two rows, the customer and its one contact: such a merge is one of both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm.errors import Refused
from crm.queries import custom_fields
from crm.queries.names import names
from crm.store import rules
from crm.store.rules import STAMPS, key_of
from crm.store.rules import noun as noun_of
from crm.store.session import Session

WINNER, LOSER, BOTH = "winner", "loser", "both"
NOUNS = ("contacts", "customers")
# From what may be sent to what may not: of two consents the later one of this list stands.
STRICTNESS = ("given", "unknown", "withdrawn")
# Columns that are one value together: half an address of each is nobody's.
UNITS: dict[str, dict[str, tuple[str, ...]]] = {
    "contacts": {
        "name": ("name", "first_name", "last_name"),
        "address": ("street", "postcode", "city", "state", "country"),
        "external_id": ("external_id", "source"),
    },
    "customers": {"external_id": ("external_id", "source")},
}
# What nobody chooses: it follows from the merge itself.
FIXED = {"consent", "consent_at", "kind", "archived_at", "own", *STAMPS}
# What is the winner's unless it has none: the newer one is not the truer one.
KEPT = ("owner_id", "customer_id", "parent_id", "lifecycle_stage", "external_id", "cadence_days")
NOTES = ("note",)
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two rows of one table, of which the first stays."""

    table: str
    winner: Row
    loser: Row

    @property
    def keys(self) -> tuple[UUID, UUID]:
        """The key that stays, the key that goes."""
        return self.winner[key_of(self.table)], self.loser[key_of(self.table)]

    @property
    def sides(self) -> tuple[tuple[UUID, Row], tuple[UUID, Row]]:
        """Each key with its row."""
        return (self.keys[0], self.winner), (self.keys[1], self.loser)


@dataclass(frozen=True)
class Choice:
    """One value that differs or agrees: `key` is what `merge` takes, `default` the side that is fuller, else newer."""

    key: str
    table: str
    words: str
    columns: tuple[str, ...]
    winner: str | None
    loser: str | None
    default: str
    may_be_both: bool = False

    @property
    def differs(self) -> bool:
        """Whether there is anything to choose."""
        return self.winner != self.loser


@dataclass(frozen=True)
class Preview:
    """What a merge would do: the rows that become one, each value with its default, and what moves to the winner."""

    pairs: tuple[Pair, ...]
    choices: tuple[Choice, ...]
    moves: dict[str, int]
    notes: tuple[str, ...]

    @property
    def names(self) -> tuple[str, str]:
        """The winner's name and the loser's."""
        return str(self.pairs[0].winner["name"]), str(self.pairs[0].loser["name"])


def preview(session: Session, noun: str, winner_id: UUID | str, loser_id: UUID | str) -> Preview:
    """What would become of two records if the second went into the first."""
    pairs = parties(session, noun, winner_id, loser_id)
    choices = tuple(choice for pair in pairs for choice in _choices(session, pair, pairs))
    return Preview(pairs, choices, _moves(session, pairs), tuple(_notes(pairs)))


def better(session: Session, noun: str, one_id: UUID | str, other_id: UUID | str) -> tuple[UUID, UUID]:
    """The two keys, first the one to keep: who is at a company, else who is known better, else the older one."""
    one, other = sorted((_row(session, noun, one_id), _row(session, noun, other_id)), key=lambda row: row[key_of(noun)])
    ranked = sorted((one, other), key=lambda row: (row.get("is_person") is False, _known(row)), reverse=True)
    return ranked[0][key_of(noun)], ranked[1][key_of(noun)]


def _known(row: Row) -> int:
    return sum(value not in (None, "") for value in row.values())


def parties(session: Session, noun: str, winner_id: UUID | str, loser_id: UUID | str) -> tuple[Pair, ...]:
    """The rows that a merge makes one: a contact's, and where that is a customer in person, the customer's too."""
    winner, loser = _row(session, noun, winner_id), _row(session, noun, loser_id)
    _refuse_impossible(noun, winner, loser)
    if noun == "customers" and winner["kind"] == "person":
        return parties(session, "contacts", _contact_of(session, winner), _contact_of(session, loser))
    first = Pair(noun, winner, loser)
    if noun == "contacts" and loser["is_person"]:
        customers = Pair("customers", *(_row(session, "customers", row["customer_id"]) for row in (winner, loser)))
        return first, customers
    return (first,)


def _row(session: Session, noun: str, key: UUID | str) -> dict[str, Any]:
    if noun not in NOUNS:
        raise Refused(f"Only {' and '.join(NOUNS)} can be merged.", "noun")
    person = ", (select kind = 'person' from customers where customers.customer_id = entry.customer_id) as is_person"
    row = session.row(
        f"select entry.*{person if noun == 'contacts' else ''} from {noun} as entry where {key_of(noun)} = $key",  # noqa: S608
        key=key,
    )
    if row is None:
        raise Refused(f"This {noun_of(noun)} is no longer there. Look for it in History.")
    return row


def _contact_of(session: Session, customer: Row) -> UUID:
    found: UUID = session.value(
        "select contact_id from contacts where customer_id = $customer and archived_at is null order by contact_id limit 1",
        customer=customer["customer_id"],
    )
    if found is None:
        raise Refused(f"{customer['name']} has no contact. Add one first.")
    return found


def _refuse_impossible(noun: str, winner: Row, loser: Row) -> None:
    if winner[key_of(noun)] == loser[key_of(noun)]:
        raise Refused("These are one record already. Choose another.")
    for row in (winner, loser):
        if row["archived_at"]:
            raise Refused(f"{row['name']} is archived. Bring it back in History first.")
    if noun == "customers" and winner["kind"] != loser["kind"]:
        raise Refused("A company and a person cannot become one customer. Merge the person into a contact at the company.")
    if noun == "contacts" and winner["is_person"] and not loser["is_person"]:
        raise Refused(f"{loser['name']} is a contact at a company: keep that one, and merge the person into it.")


def _choices(session: Session, pair: Pair, pairs: Sequence[Pair]) -> list[Choice]:
    """Every value of a pair. A person's customer keeps what it is, and bears the contact's name."""
    if pair is not pairs[0] and pair.winner["kind"] != "person":
        return []
    labels = _labels(session, pair)
    units = UNITS[pair.table]
    inside = {column for columns in units.values() for column in columns}
    fixed = FIXED | {key_of(pair.table), "is_person", *rules.DERIVED.get(pair.table, {})}
    fixed |= {"customer_id"} if pair.winner.get("is_person") or pair.loser.get("is_person") else set()
    fixed |= {"name"} if len(pairs) > 1 and pair.table == "customers" else set()
    plain = {column: (column,) for column in pair.winner if column not in inside | fixed}
    found = [_choice(pair, name, columns, labels) for name, columns in (units | plain).items() if name not in fixed]
    return found + _own_choices(session, pair)


def _choice(pair: Pair, name: str, columns: tuple[str, ...], labels: Mapping[Any, str]) -> Choice:
    first = columns[:1] if name in ("name", "external_id") else columns
    shown = [_shown([row[column] for column in first], labels) for row in (pair.winner, pair.loser)]
    is_both = name in NOTES
    return Choice(
        key=f"{pair.table}.{name}",
        table=pair.table,
        words=in_words(name),
        columns=columns,
        winner=shown[0],
        loser=shown[1],
        default=default_of(pair, shown[0], shown[1], is_kept=name in KEPT, may_be_both=is_both),
        may_be_both=is_both,
    )


def in_words(column: str) -> str:
    """A column as people read it.

    >>> in_words("born_on"), in_words("email"), in_words("title"), in_words("external_id")
    ('Birthday', 'E-mail', 'Job title', 'External id')
    """
    bare = column.removesuffix("_id").removesuffix("_on").removesuffix("_amount")
    named = {"born": "Birthday", "email": "E-mail", "title": "Job title", "external": "External id"}
    return named.get(bare, bare.replace("_", " ").capitalize())


def _shown(values: Sequence[Any], labels: Mapping[Any, str]) -> str | None:
    return ", ".join(labels.get(value, str(value)) for value in values if value not in (None, "")) or None


def default_of(pair: Pair, winner: str | None, loser: str | None, *, is_kept: bool = False, may_be_both: bool = False) -> str:
    """The side whose value stands unless somebody chooses: the one that has any, the fuller, the newer."""
    if loser is None or winner == loser:
        return WINNER
    if winner is None:
        return LOSER
    if winner.casefold() in loser.casefold():
        return WINNER if is_kept else LOSER
    if is_kept or loser.casefold() in winner.casefold():
        return WINNER
    if may_be_both:
        return BOTH
    return LOSER if pair.loser["updated_at"] > pair.winner["updated_at"] else WINNER


def _own_choices(session: Session, pair: Pair) -> list[Choice]:
    """The company's own fields, each by itself."""
    found = []
    for field in custom_fields.of_noun(session, pair.table, archived=True):
        sides = [custom_fields.as_text(field, custom_fields.value(field, row["own"])) for row in (pair.winner, pair.loser)]
        if any(sides):
            default = default_of(pair, sides[0], sides[1], may_be_both=field.kind == "long_text")
            found.append(
                Choice(
                    key=f"{pair.table}.{field.argument}",
                    table=pair.table,
                    words=field.name,
                    columns=(field.argument,),
                    winner=sides[0],
                    loser=sides[1],
                    default=default,
                    may_be_both=field.kind == "long_text",
                )
            )
    return found


def _labels(session: Session, pair: Pair) -> dict[Any, str]:
    """Names in place of the keys that the two rows hold."""
    wanted: dict[str, set[str]] = {}
    for column, parent in rules.REFERENCES.get(pair.table, {}).items():
        wanted.setdefault(parent, set()).update(str(row[column]) for row in (pair.winner, pair.loser) if row[column])
    return {UUID(str(key)): name for table, keys in wanted.items() for key, name in names(session, table, keys).items()}


def hanging(tables: Sequence[str]) -> dict[str, dict[str, str]]:
    """Every child table with its columns that refer to one of these: whatever is added to the rules later is in it."""
    found = {
        child: {column: parent for column, parent in columns.items() if parent in tables}
        for child, columns in rules.REFERENCES.items()
    }
    return {child: columns for child, columns in found.items() if columns}


def _moves(session: Session, pairs: Sequence[Pair]) -> dict[str, int]:
    """How many rows of which table hang on the loser."""
    losers = {pair.table: pair.keys[1] for pair in pairs}
    found = {}
    for child, columns in hanging(list(losers)).items():
        where = " or ".join(f"{column} = $key_{parent}" for column, parent in columns.items())
        own = f" and {key_of(child)} <> $key_{child}" if child in losers else ""
        used = {*columns.values(), *([child] if child in losers else [])}
        number = session.value(
            f"select count(*) from {child} where archived_at is null and ({where}){own}",  # noqa: S608 - names come from rules.py
            **{f"key_{table}": losers[table] for table in used},
        )
        if number:
            found[child] = int(number)
    return found


def _notes(pairs: Sequence[Pair]) -> list[str]:
    """What a person should know before saying yes."""
    first = pairs[0]
    notes = []
    if first.table == "contacts" and first.winner["consent"] != first.loser["consent"]:
        notes.append(f"Consent becomes “{stricter(first.winner['consent'], first.loser['consent'])}”: the stricter of the two.")
    if len(pairs) > 1 and pairs[1].winner["kind"] == "company":
        company = pairs[1].winner["name"]
        notes.append(f"{first.loser['name']} was a customer in person: orders, deals and tasks become {company}'s.")
    return notes


def stricter(*consents: str) -> str:
    """Of several consents the one that allows least.

    >>> stricter("given", "unknown"), stricter("unknown", "withdrawn", "given")
    ('unknown', 'withdrawn')
    """
    return max(consents, key=lambda consent: STRICTNESS.index(consent) if consent in STRICTNESS else len(STRICTNESS))
