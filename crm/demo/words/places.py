"""Cities with their region, and a phone prefix that regulators keep free for fiction, so that nobody real is ever called.

One tuple a city: region, city, state, country, dialling prefix (the last two digits are drawn), postcode (# is a digit).
"""

from __future__ import annotations

CITIES: tuple[tuple[str, str, str, str, str, str], ...] = (
    ("West", "Seattle", "WA", "United States", "+1 206 555 01", "981##"),
    ("West", "Portland", "OR", "United States", "+1 503 555 01", "972##"),
    ("West", "San Francisco", "CA", "United States", "+1 415 555 01", "941##"),
    ("West", "Oakland", "CA", "United States", "+1 510 555 01", "946##"),
    ("West", "San Diego", "CA", "United States", "+1 619 555 01", "921##"),
    ("West", "Sacramento", "CA", "United States", "+1 916 555 01", "958##"),
    ("West", "Phoenix", "AZ", "United States", "+1 602 555 01", "850##"),
    ("West", "Salt Lake City", "UT", "United States", "+1 801 555 01", "841##"),
    ("West", "Vancouver", "BC", "Canada", "+1 604 555 01", "V6B #A#"),
    ("Central", "Denver", "CO", "United States", "+1 303 555 01", "802##"),
    ("Central", "Chicago", "IL", "United States", "+1 312 555 01", "606##"),
    ("Central", "Minneapolis", "MN", "United States", "+1 612 555 01", "554##"),
    ("Central", "Austin", "TX", "United States", "+1 512 555 01", "787##"),
    ("Central", "Houston", "TX", "United States", "+1 713 555 01", "770##"),
    ("Central", "Kansas City", "MO", "United States", "+1 816 555 01", "641##"),
    ("Central", "Milwaukee", "WI", "United States", "+1 414 555 01", "532##"),
    ("Central", "Winnipeg", "MB", "Canada", "+1 204 555 01", "R3C #T#"),
    ("East", "Boston", "MA", "United States", "+1 617 555 01", "021##"),
    ("East", "New York", "NY", "United States", "+1 212 555 01", "100##"),
    ("East", "Philadelphia", "PA", "United States", "+1 215 555 01", "191##"),
    ("East", "Atlanta", "GA", "United States", "+1 404 555 01", "303##"),
    ("East", "Pittsburgh", "PA", "United States", "+1 412 555 01", "152##"),
    ("East", "Toronto", "ON", "Canada", "+1 416 555 01", "M5V #B#"),
    ("East", "Montréal", "QC", "Canada", "+1 514 555 01", "H2X #K#"),
    ("East", "London", "", "United Kingdom", "+44 20 7946 09", "EC1A #BB"),
    ("East", "Hamburg", "", "Germany", "+49 40 66969 1", "203##"),
    ("East", "Lyon", "", "France", "+33 4 65 71 12 ", "690##"),
    ("East", "Göteborg", "", "Sweden", "+46 31 390 06 ", "411 ##"),
)
