"""Answers of every kind about two topics."""

from __future__ import annotations

# What an answer can look like: what it does, its topics, its text.
CASES = {
    "headings for each and no link": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "## Volcanoes\n\n"
            "A volcano is a vent through which lava flows. There are some 1,500 active "
            "ones.\n\n## Tax law\n\n"
            "Tax law is the body of rules on what people owe to the state. Its rules "
            "change every year."
        ),
    ),
    "bold headings and a question": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "**Volcanoes**\n\nA volcano is a vent through which lava flows.\n\n"
            "**Tax law**\n\n"
            "Tax law is the body of rules on what people owe to the state.\n\n"
            "Let me know which of them you'd like to explore."
        ),
    ),
    "a disclaimer first, links after": (
        "mixed",
        ["volcanoes", "tax law"],
        (
            "There is no direct link between volcanoes and tax law. That said, a few "
            "loose parallels can be drawn:\n\n"
            "- **Pressure.** Both build it up over years.\n"
            "- **Relief.** Both let it go at once."
        ),
    ),
    "a link denied after being weighed": (
        "separate",
        ["volcanoes", "tax law"],
        (
            "One might think of pressure, which builds up in the one as in the other, "
            "but that is a play on words. I see no connection between the two."
        ),
    ),
    "a list under how they relate": (
        "connect",
        ["volcanoes", "tax law"],
        (
            "A volcano is a vent through which lava flows. Tax law is the body of "
            "rules on what people owe to the state.\n\n### How they relate\n\n"
            "- Eruptions lead to tax relief for the people who were hit.\n"
            "- Land that lava has made is taxed in Hawaii.\n"
            "- Tourists who come for the volcano pay a tax that funds the park."
        ),
    ),
    "a shared letter": (
        "separate",
        ["volcanoes", "tax law"],
        (
            "Both have a V and an X somewhere, I suppose. Apart from that coincidence "
            "they share nothing."
        ),
    ),
    "analogies that explain one topic": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "A volcano is a vent through which lava flows. Think of it like a bottle "
            "of soda that was shaken.\n\n"
            "Tax law is the body of rules on what people owe to the state. Think of it "
            "like the rules of a club."
        ),
    ),
    "a choice": (
        "implicit_separate",
        ["pottery", "Pilates"],
        (
            "It depends on what you want.\n\n"
            "Pottery: you get mugs and bowls, and it takes two evenings a week.\n\n"
            "Pilates: you get a stronger back, and it takes half an hour a day."
        ),
    ),
    "a comparison refused": (
        "separate",
        ["volcanoes", "tax law"],
        (
            "They can't be compared in any useful way: there is no scale on which both "
            "could be placed."
        ),
    ),
    "synonyms": (
        "implicit_separate",
        ["lions", "the stock market"],
        (
            "**The big cat**\n\n"
            "The king of beasts lives in prides on the African savanna and hunts zebra.\n"
            "\n**The exchange**\n\n"
            "Shares are bought and sold there; prices follow supply and demand."
        ),
    ),
    "an abbreviation": (
        "connect",
        ["World War II", "penicillin"],
        "Without WWII there would have been no mass production of penicillin.",
    ),
    "the former and the latter": (
        "separate",
        ["volcanoes", "tax law"],
        "The former is geology and the latter is law. They have nothing to do with each other.",
    ),
    "two that really are related": (
        "connect",
        ["smoking", "lung cancer"],
        (
            "Smoking is the main cause of lung cancer. The smoke carries substances "
            "that damage the cells of the lung, and the risk rises with every year of "
            "smoking."
        ),
    ),
    "a table": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "| | Volcanoes | Tax law |\n|---|---|---|\n"
            "| What it is | a vent in the crust | a body of rules |\n"
            "| Studied by | geologists | lawyers |\n"
            "| Found in | Iceland, Hawaii | every state |"
        ),
    ),
    "a nested list": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "1. Volcanoes\n   - Vents in the crust of the Earth\n"
            "   - About 1,500 are active\n2. Tax law\n   - A body of rules\n"
            "   - Made by parliaments"
        ),
    ),
    "one topic only": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "A volcano is a vent through which lava flows. About 1,500 of them are "
            "active. The largest on Earth is Mauna Loa. The word comes from Vulcan, a "
            "Roman god."
        ),
    ),
    "a quoted denial, rejected": (
        "connect",
        ["volcanoes", "tax law"],
        (
            "Some say that volcanoes and tax law are unrelated. They aren't. In "
            "Iceland the tax law has a chapter on eruptions, and it was written after "
            "the volcano of 1973 had buried a town."
        ),
    ),
    "a quoted link, rejected": (
        "separate",
        ["volcanoes", "tax law"],
        (
            'People like to say that "volcanoes and tax law both explode". That is a '
            "joke and not a connection: the two have nothing to do with each other."
        ),
    ),
    "a denial without the usual words": (
        "separate",
        ["volcanoes", "tax law"],
        (
            "A volcano is a vent through which lava flows. Tax law is the body of "
            "rules on what people owe to the state. I would file the two in different "
            "drawers; no bridge leads from the one to the other."
        ),
    ),
    "a link without the usual words": (
        "connect",
        ["the cotton gin", "the Hallé Orchestra"],
        (
            "The second would not exist without the first: it was from cotton that the "
            "money for the orchestra came."
        ),
    ),
    "link words about one topic": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "A volcano is a vent through which lava flows. It is connected to a "
            "chamber of magma deep below.\n\n"
            "Tax law is the body of rules on what people owe to the state. There is a "
            "close relationship between income and rate."
        ),
    ),
    "no, then five parallels": (
        "mixed",
        ["volcanoes", "tax law"],
        (
            "No, they aren't related.\n\nStill, if you want parallels:\n"
            "1. Both build up pressure.\n2. Both are feared.\n3. Both have experts.\n"
            "4. Both change the land.\n5. Both are hard to predict."
        ),
    ),
    "a question back": (
        "implicit_separate",
        ["volcanoes", "tax law"],
        (
            "I'm not sure what you're after. Would you like to know about volcanoes, "
            "about tax law, or about how eruptions are taxed?"
        ),
    ),
    "affirmed": (
        "connect",
        ["volcanoes", "tax law"],
        "Volcanoes and tax law are related.",
    ),
    "negated": (
        "separate",
        ["volcanoes", "tax law"],
        "Volcanoes and tax law are not related.",
    ),
    "negated twice": (
        "connect",
        ["volcanoes", "tax law"],
        (
            "It is wrong to say that volcanoes and tax law are not related: eruptions "
            "have shaped the tax law of Iceland."
        ),
    ),
    "cut off": (
        "connect",
        ["volcanoes", "tax law"],
        (
            "Volcanoes and tax law are linked in three ways. First, eruptions lead to "
            "tax relief. Second, the"
        ),
    ),
}
