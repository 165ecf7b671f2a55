"""What is compared to tell whether two rows are the same: values, how alike they can be, and what each likeness says.

After Fellegi and Sunter: each comparison weighs log2 of how much likelier its outcome is between two rows of one person than
between two others. How likely it is within one person (`same`) is stated here, from how often people mistype, move and
marry; how likely it is between strangers is measured in the store, value by value: two Zephyrines say more than two Anns.

“Others” are of two kinds. Strangers share something by chance; those who are near (one household, one office) share the
family name, the address, the telephone, but not the given name and the birthday. Both must be ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass

# How values can be nearly the same, as SQL over {x} and {y}; several are tried in turn, each on what the former left over.
TYPO = "jaro_winkler_similarity({x}, {y}) >= 0.9"
ALIKE = "jaro_winkler_similarity({x}, {y}) >= 0.8"
PART = "(starts_with({x}, {y} || ' ') or starts_with({y}, {x} || ' '))"
DIGIT = "case when levenshtein({x}, {y}) <= 2 then damerau_levenshtein({x}, {y}) = 1 end"  # the second is slow
INSIDE = "((length({x}) > 1 and contains({y}, {x})) or (length({y}) > 1 and contains({x}, {y})))"
# Of days written as digits, year first: one digit, or day and month in each other's place; then two digits.
DAY_DIGIT = "hamming({x}, {y}) = 1"
DAY_AND_MONTH = "({x}[1:4] = {y}[1:4] and {x}[5:6] = {y}[7:8] and {x}[7:8] = {y}[5:6])"
DAY_DIGITS = "hamming({x}, {y}) = 2"
MAILBOX = "jaro_winkler_similarity(split_part({x}, '@', 1), split_part({y}, '@', 1)) >= 0.93"


@dataclass(frozen=True)
class Comparison:
    """One value of two rows. Its level is 0 where they are equal, then the first of `nearly` of which a test holds, else last.

    `same` and `near` say how often each level is met within one person and between two who are near each other; without
    `near`, those are as different as strangers. `usual` is how often a value is met in general, which counts while a store
    is small; `rarest` how often a value is met that only these two rows have, in rows.
    """

    column: str
    words: str
    nearly: tuple[tuple[str, ...], ...]
    same: tuple[float, ...]
    near: tuple[float, ...] | None = None
    usual: float = 0.002
    rarest: float = 0.5

    @property
    def last(self) -> int:
        """The level of values that have nothing in common."""
        return len(self.nearly) + 1

    def level(self, first: str = "x", second: str = "y") -> str:
        """The level as SQL; null where either value is unknown, which says nothing."""
        one, other = f"{first}.{self.column}", f"{second}.{self.column}"
        steps = " ".join(
            f"when {test.format(x=one, y=other)} then {step}" for step, tests in enumerate(self.nearly, 1) for test in tests
        )
        return f"case when {one} is null or {other} is null then null when {one} = {other} then 0 {steps} else {self.last} end"


@dataclass(frozen=True)
class Kind:
    """A kind of row among which duplicates are sought.

    `rows` is SQL that yields `record_id` and the columns that are compared. Two rows are compared if they share all of one
    of `blocks`, and more of `signature` besides, but for `alone`. `together` are values that depend on each other: being equal
    in both says no more than how rare both together are. `one_fact` are two of which the one has the other, as a postcode has
    its city. `swapped` are two that people write in each other's place.
    """

    table: str
    rows: str
    comparisons: tuple[Comparison, ...]
    alone: tuple[tuple[str, ...], ...]
    blocks: tuple[tuple[str, ...], ...] = ()
    signature: tuple[str, ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    one_fact: tuple[str, str] | None = None
    swapped: tuple[str, str] | None = None

    def comparison(self, column: str) -> Comparison:
        """The comparison of a column."""
        return next(each for each in self.comparisons if each.column == column)
