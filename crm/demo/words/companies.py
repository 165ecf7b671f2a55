"""Words that company names are made of: a proper name, and what a firm of that sector calls itself."""

from __future__ import annotations

_ROOTS = (
    "Kestrel Alderway Brightwater Nordlicht Fjordline Cobalt Juniper Halcyon Tamarack Sable Larkspur Meridian Ostrava "
    "Petrel Quillon Redfern Solstice Thistle Umber Verdant Wickham Yarrow Zephyr Ashgrove Birchwood Calder Dunmore Everly "
    "Foxglove Greystone Hawthorn Ironbridge Jasper Kingfisher Lanternfish Moorland Northgate Oakhaven Pinecrest "
    "Quarterdeck Rosewood Silverlake Truemark Upland Valebridge Westerly Yellowfin Aurelia Bluefin Cinder Driftwood "
    "Elmstone Fernhill Goldcrest Highline Isleworth Keystone Lighthouse Millbrook Nightingale Opaline Palisade Ravenna "
    "Saltmarsh Tidepool Understory Violeta Whitecap Aldgate Bellwether Copperfield Daybreak Eastwick Flintlock Gatehouse "
    "Harvestmoon Inkstone Jetstream Kindred Longacre Mossback Newhaven Overland Pathfinder Quicksand Riverstone "
    "Stonebridge Tallgrass Umbrella Vantage Windrush Amberline Bramble Crosswind Dovetail Embercraft Fairlead Groundswell "
    "Heron Indigo Junction Kite Lodestar Magpie Nimbus Osprey Plover Quartz Rookery Starling Terrace Ursa Vireo Wren "
    "Anchorage Basalt Cascade Delta Echo Fathom Granite Horizon Island Jubilee Kelp Lattice Marigold Nettle Orchid Pebble "
    "Rowan Sorrel Tansy Vesper Willow Acorn Beacon Cedar Dahlia Elder Falcon Gorse Hazel Ivory Jade Kauri Laurel Maple "
    "Nova Olive Poplar Rill Spruce Teal Velda Wolds Arden Brio Corva Dynamo Élan Forma Gravity Helix Ionica Kanto Lumen "
    "Mosaic Nexa Orbis Prisma Rivet Sigma Tessera Unison Vektor Wavelet Zenith Abbeyfield Blackthorn Coppermill Deepwell "
    "Eversedge Farrier Gullwing Hollins Innisfree Kestwick Lowther Mayfair Norwood Oxbow Penrose Ridgeway Sandpiper "
    "Trillium Umberto Viaduct Waverley Yewtree Altona Bergland Corsair Dunlin Fulmar Gannet "
)
ROOTS: tuple[str, ...] = tuple(_ROOTS.split())

SECTORS: dict[str, tuple[int, float, tuple[str, ...]]] = {
    # sector: how many companies, usual number of employees, what they call themselves
    "software": (75, 140, ("Software", "Systems", "Labs", "Analytics", "Cloud", "Digital", "Data", "Technologies", "Studio")),
    "manufacturing": (50, 220, ("Manufacturing", "Ironworks", "Precision", "Instruments", "Industries", "Tooling", "Castings")),
    "logistics": (45, 160, ("Logistics", "Freight", "Warehousing", "Transport", "Shipping", "Couriers")),
    "retail": (40, 60, ("Outfitters", "Stores", "Home", "Supply", "Trading", "Market")),
    "healthcare": (35, 180, ("Clinics", "Health", "Medical", "Care Group", "Diagnostics", "Dental")),
    "education": (30, 110, ("College", "Academy", "Learning", "Institute", "School")),
    "construction": (22, 90, ("Builders", "Construction", "Contractors", "Surveyors", "Civil Works")),
    "hospitality": (18, 70, ("Hotels", "Catering", "Events", "Kitchens", "Resorts")),
    "public sector": (15, 260, ("Fire District", "Library Trust", "Water Authority", "Parks Department", "Transit Agency")),
}
PERSON_SECTORS: tuple[str, ...] = ("photography", "craft workshop", "film and sound", "consulting", "event technology", "design")
