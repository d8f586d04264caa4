"""Phrases of English that tell what a sentence does with two topics.

Each pattern is in the syntax of Rust's regex, which takes time linear in the text whatever it
holds, and is matched without regard to case. They are a reader's rules, not learned. That syntax
knows no "unless", so an exception is a pattern of its own, beside the rule.
"""

from __future__ import annotations


def _any(*patterns: str) -> str:
    return "(?i)" + "|".join(patterns)


_NT = (
    r"(?:not|never|cannot|hardly|(?:ca|is|are|was|were|do|does|did|could|have|has|wo|would)n['’]?t)"
)
_NO = rf"(?:no|nothing|none|neither|nor|without|unable|fail(?:s|ed)?|{_NT})"
_BONDS = (
    r"(?:links?|connections?|relations?|relationships?|overlaps?|associations?|correlations?"
    r"|parallels?|bridges?|intersections?|bearing|ties?|kinship|in common|common (?:ground|thread)"
    r"|points? of contact|direct line)"
)
_BOUND = r"(?:related|connected|linked|tied|joined|comparable|associated|intertwined|alike)"
_RELATE = (
    r"(?:relat|connect|interact|intersect|overlap|belong together|bear on|link|tie|tying|join"
    r"|cross paths)(?:s|es|ing)?"
)
_KINDS = (
    r"(?:topics?|subjects?|things|fields|worlds|domains|questions|headings|matters|areas"
    r"|concepts|entities|ideas|realms|categories|stories)"
)
_APART = r"(?:separate|independent|distinct|different|individual|disparate|unconnected)"
_WORDS = r"(?:[\w'’-]+,?\s+)"

DENIAL = _any(
    rf"\b{_NO}\b[^.;:!?]{{0,70}}\b(?:{_BONDS}|{_BOUND})\b",
    rf"\b{_NO}\b[^.;:!?]{{0,40}}\b{_RELATE}\b",
    rf"\b{_NO}\b[^.;:!?]{{0,30}}\b(?:to do with|to say about|compared?|meaningful)\b",
    rf"\b{_NT}\b[^.;:!?]{{0,15}}\b(?:find|see|think of|name)\b[^.;:!?]{{0,40}}\b(?:anywhere|in)\b",
    rf"\b{_BONDS}\b[^.;!?]{{0,50}}\b(?:not found|{_NT} (?:one|any)|none)\b",
    r"\bthere (?:is|are) none\b|\bthere (?:isn['’]?t|is not) one\b",
    r"\bunrelated\b|\bunconnected\b|\bworlds apart\b|\bstands? apart\b|\btwo strangers\b",
    r"\bnothing about (?:the )?one\b|\b(?:says?|owes?|means?|share) nothing\b",
    rf"\b{_APART}\s+(?:\w+\s+){{0,2}}{_KINDS}\b|\btotally different from each other\b",
    rf"\b(?:simply|just|really|as|are) two {_KINDS}\b",
    rf"\bpaths\b[^.;!?]{{0,20}}\b{_NT}\b[^.;!?]{{0,10}}\b(?:cross|meet)\b",
    r"\bshares? (?:no|little)\b",
    r"\bneither\b[^.;!?]{0,60}\b(?:the other|explains?|influences?|affects?)\b",
    rf"\bany\s+{_WORDS}{{0,2}}{_BONDS}\b.*\b(?:forced|contrived|invented|artificial|made up)\b",
    r"\bthe one\b[^.;!?]{0,20}\b(?:never|no|not)\b[^.;!?]{0,30}\bthe other\b",
)
"""Says that the topics have nothing to do with each other, if it is about the two."""

OPENING_NO = _any(
    r"^\W*(?:\w+(?:\s\w+)?[:,]\s*)?(?:but\s+)?(?:no|none|nope|not really|not related)\b[,.:;]"
)
"""Answers the question whether there is a link with no."""

WEAK_DENIAL = _any(r"\bone (?:is|being|belongs|concerns|deals)\b.{1,120}\b(?:the other|another)\b")
"""Sets one against the other, which denies a link where none is claimed."""

SET_ASIDE = _any(
    r"\bat first (?:sight|glance|blush)\b|\bon the (?:surface|face of it)\b",
    r"\b(?:might|may|could|can) (?:\w+ )?(?:seem|appear|look|sound|not be)\b",
    r"\bmost people\b|\byou(?:['’]d| would| might| may) (?:think|expect|not)\b",
    r"\b(?:not|n['’]t) (?:un|so dis|as dis|(?:entirely|completely) (?:sep|un))",
    r"\b(?:far from|anything but)\b",
    rf"\b{_NT} (?:only|just|merely|simply|ignore|overlook|deny|be (?:ignored|denied))\b",
    r"\bno one\b|\bno (?:accident|coincidence|wonder|doubt|surprise|secret|less|more than|other)\b",
    r"^\W*(?:although|though|despite|even though|while)\b.*,.*\b(?:both|share|connect|link)",
)
"""A denial that isn't meant: it is conceded, attributed to appearances, or itself denied."""

TURN = _any(
    r"\bthat (?:being )?said\b|\bthen again\b|\bloosely\b|\bindirectly\b|\ba little:",
    r"\blonger answer\b|\bif pressed\b|\bfor what it['’]s worth\b|\bcomes? to mind\b",
    r"\bif (?:you|one|we|i) (?:really )?(?:try|tries|insists?|must|squints?|stretch(?:es)?)\b",
    r"\bif (?:you|one|we|i) (?:really |only )?(?:wants?|wanted|were|had|wish|wishes|likes?|tried)"
    r" to (?:stretch|connect|link|find|force|draw|make|construct|relate|push)\b",
    r"\b(?:stretch|squint|tenuous|tangential(?:ly)?|whimsical|goodwill|imagination)\b",
    r"\b(?:one|you|we|i) (?:can|could|might|may) (?:\w+ )?(?:draw|find|make|construct|imagine|do"
    r"|argue|point|see|think|still|note|say|trace|connect|link)\b",
    r"\b(?:there (?:is|are|['’]s)|here (?:is|are)) (?:however |though )?"
    r"(?:one|a few|some|a couple|two|several|at least)\b",
    r"\b(?:indirect|possible|potential|loose|playful|metaphorical|remote|faint|minor|weak|small)"
    rf"(?: or \w+)?,? {_WORDS}?(?:{_BONDS}|threads?|analog(?:y|ies)|points?|similarities)\b",
    r"\b(?:perhaps|maybe) you\b.*\b(?:like this|together)\b|\bat least (?:one|a|been|on)\b",
    r"^\W*(?:however|still|nevertheless|nonetheless|yet|even so|but (?:some|there|one))\b",
)
"""Turns from a denial to an offer of links."""

ADVERSATIVE = _any(r"\b(?:but|though|although|yet|however|except)\b")
"""Takes back a part of what its sentence says."""

LINK = _any(
    r"\bboth\b|\bin (?:each|either) case\b|\bin common\b|\bshar(?:e|es|ed|ing)\b",
    r"\bparallels?\b|\bsimilar(?:ly|ity|ities)?\b|\blikewise\b|\bjust as\b|\bmuch like\b",
    r"\bthe same (?:way|principle|question|logic|impulse|issue|habit|idea|goal|kind|sort|thing)\b",
    r"\b(?:connect|link|join|relat|intertwin|bridg|intersect|overlap|resembl|mirror|echo)"
    r"(?:s|es|ed|e|ing|ion|ions|ship|ships)?\b",
    r"\b(?:meets?|met|kinship|siblings|cousins|analog(?:y|ies|ous)|metaphor|comparable)\b",
    r"\btie[sd]?\b|\bthread\b|\btouch(?:es)?\b|\btogether\b",
)
"""Claims that two things are alike or bound, if it is about the two."""

PAIR = _any(
    r"\b(?:both|(?:the|these|those) two|two (?:topics|subjects|things|fields|institutions)|each"
    r" other|one another|either|neither|the other|the pair|between them|in each|each (?:of|has"
    r"|is|pools?)|they|together)\b"
)
"""Speaks of the two without naming them."""

SURE_PAIR = _any(r"\b(?:(?:the|these|those) two|each other|one another|the pair)\b")
"""Speaks of the two whatever else the sentence is about."""

DISMISSAL = _any(
    r"\b(?:coincidences?|by accident|the accident|wordplay|puns?|nonsense|make something up)\b",
    r"\b(?:roll your eyes|far-fetched|posts? claim\w*|so (?:is|are) (?:there )?(?:in )?every)\b",
    r"\bso there (?:is|are) in (?:a|every|most)\b|\bthe (?:kind|sort) of (?:link|connection)\b",
    r"\b(?:would|['’]d) (?:just |only )?be (?:a stretch|forced|contrived|artificial)\b",
    r"\b(?:would|['’]d) have to (?:invent|make up)\b",
    r"\b(?:apart from|other than|beyond|except)\b|\bonly for your convenience\b",
)
"""Mentions a link in order to wave it away."""

ASKING = _any(
    r"\?\W*$",
    r"^\W*(?:let me know|tell me|please|if you(?:['’]d| would| had| meant| have| need| want)"
    r"|would you|could you|which|feel free|happy to|i['’](?:d be|m) (?:happy|glad)|pick one)\b",
    r"^\W*here(?:['’]s| is| are) (?:a|an|some) (?:brief|short|quick|overview|summary|few|look)\b",
    r"\b(?:let me know|tell me (?:which|more|if|what)|you['’]d like)\b",
)
"""Speaks to the reader about the question, not about its topics."""

CLARIFYING = _any(
    r"\b(?:not|n['’]t) (?:entirely |quite )?(?:sure|clear|certain) (?:what|which|how|if)\b",
    r"\btell me (?:a bit |a little )?more about what\b",
    r"\bwhat you(?:['’]re| are) (?:after|looking)\b",
    r"\bwhich (?:one )?(?:is it|did you mean|of these did)\b|\bto be sure what you need\b",
    r"\b(?:did|do) you mean\b|\bcould you clarify\b|\bpick one\b",
)
"""Asks what the question means instead of answering it."""

CONTRAST = _any(r"\b(?:whereas|while|on the other hand|in contrast)\b|;")
"""Sets two things side by side without binding them."""
