"""What the focus group of the demo was asked, said and found: what a late delivery does to a customer's day."""

from __future__ import annotations

NAME = "What a late delivery does to your day"
PURPOSE = "Complaints about deliveries rise. What happens at the customer's end when a parcel is late, and what would help most?"
GUIDE = (
    (
        "What happens at your place when a delivery is late?",
        "Everybody plans people around the parcel. The delay itself is less bad than not knowing of it.",
    ),
    ("How do you find out that it is late?", "By waiting. Two look into the tracking, one calls us."),
    ("What would you have wanted to know, and when?", "The day before, by mail; on the day, the hour."),
    ("If we could change one thing, what should it be?", "Most: tell us before we ask. One: Saturday deliveries."),
)
# To which question, by which seat of the panel, of what kind.
QUOTES = (
    (
        0,
        0,
        "suggestion",
        "Two of my people stood at the dock for a morning, because the parcel was promised for nine and came at four.",
    ),
    (1, 2, "complaint", "I find out that a delivery is late by it not being there."),
    (1, 3, "suggestion", "One mail the evening before would save me three calls."),
    (2, 1, "suggestion", "Give me the hour, not the day. With a day I can plan nothing."),
    (2, 5, "compliment", "When your colleague called ahead about the late shipment, I moved the fitters, and nobody was cross."),
    (3, 4, "suggestion", "Tell us before we have to ask, that is all."),
)
# What was found, on which quotes, and the theme of ours that it belongs to.
FINDINGS = (
    ("Not knowing hurts more than the delay: they plan people around the hour of delivery.", (0, 1, 3), "Delivery"),
    ("A warning the day before would spare us and them most calls.", (2, 4, 5), None),
)
ACTION = "Mail a warning the evening before a late delivery"
