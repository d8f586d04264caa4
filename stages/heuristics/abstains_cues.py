"""Phrases of English by which an answer says that a question can't be answered as it is put.

They are a reader's rules, not learned, for text as ``abstains_sentences.plain`` leaves it: ASCII in
lower case. In Rust's regex they take time linear in the text whatever it holds. A gap in a phrase
may be as wide as the clause or the sentence: bounds on it would cost ten times the time.
"""

from __future__ import annotations

_ASCII = {r"\b": r"(?-u:\b)", r"\w": "[a-z0-9_]", r"\W": "[^a-z0-9_]", r"\d": "[0-9]"}


def any_of(*patterns: str) -> str:
    """One pattern of several, for ASCII alone, which is matched many times as fast."""
    joined = "|".join(patterns)
    for general, ascii_only in _ASCII.items():
        joined = joined.replace(general, ascii_only)
    return joined


_GAP, _CLAUSE = r"[^.;!?\n]*", r"[^.;:,!?\n]*"
_NOT = r"(?:\bnot|n't)"
_CANNOT = (
    r"(?:can(?:not| not|'?t| never| only not)|could(?: not|n't)|(?:is|are|was|it's|be)"
    r"(?: simply| just| therefore| thus)? (?:not possible|impossible|not able|unable)"
    r"|impossible|unable|(?:do|does)(?: not|n't) (?:allow|let|permit|enable)"
    r"|(?:there'?s|is|see|have|has|with) no (?:\w+ )?(?:way|means|basis|method)|no way"
    r"|not possible|(?:is|are|was)(?: not|n't) (?:possible|able))"
)
_KNOW = (
    r"(?:determin|answer|comput|calculat|know|figur(?:e|ed|ing) (?:it |this |that )?out|find out"
    r"|solv|tell|say|be said|deduc|deriv|infer|establish|work(?:ed|ing)? (?:it |this )?out"
    r"|identif|evaluat|conclu|ascertain|estimat|specif|settle|fix|decid|be given|give (?:you )?"
    r"(?:an?|any|the)\b|provide (?:an?|any|the)\b|arrive at|pin|judge|be (?:sure|certain|found)"
    r"|find (?:an?|the|its|his|her|their|how|out)\b)"
)
_FACTS = (
    r"(?:information|info|data|details?|context|facts|clues?|conditions?|constraints?|equations?"
    r"|evidence|to (?:go on|work with|determine|answer|solve|calculate|compute|know|say|tell|find"
    r"|figure|fix|conclude|infer))"
)
_RESULT = r"(?:answer|result|amount|price|figure|date|reply)s?"
_SINGLE = r"(?:unique|definite|valid|meaningful|single|numerical|specific)"
_SOURCE = (
    r"(?:problem|question|text|passage|story|statement|prompt|puzzle|exercise|narrative|scenario"
    r"|premises?|information|info|data|details|facts|author|sentence|paragraph|description|article)"
)
_GIVEN = r"(?:condition|premise|number|equation|requirement|assumption|rule|two|both|given)"
_TELL = (
    r"(?:say|tell|give|provide|mention|state|specify|include|contain|disclose|indicate|have|offer"
    r"|reveal|explain|define|help|supply|describe|share|present|involve|relate|connect|discuss"
    r"|address|talk|allow|let|match|pertain|correspond)"
)
_TOLD = (
    r"(?:given|provided|specified|mentioned|stated|known|told|supplied|said|indicated|defined"
    r"|disclosed|included|described|recorded|explained|available|clear|listed|present|shown)"
)
_LACK = r"(?:(?:do|does|did|has|have)(?: not|n't)|fails? to|never)"
_FAULT = r"(?:mistake|error|typo|flaw|mix(?:ed|ing|es)?[- ]?up|mismatch\w*)"

CANNOT = any_of(
    rf"\b{_CANNOT}\b{_GAP}\b{_KNOW}",
    rf"(?:\b(?:not|in)\s?|{_NOT} (?:\w+ ){{0,4}})(?:enough|sufficient|adequate)\b{_CLAUSE}"
    rf"\b{_FACTS}",
    rf"\b(?:too (?:little|few)|lacks?|lacking|insufficient|inadequate|incomplete|missing)\b"
    rf"{_CLAUSE}\b{_FACTS}",
    rf"\b(?:information|data|question|problem)\b{_CLAUSE}\b(?:insufficient|incomplete"
    r"|not (?:enough|sufficient|adequate))\b",
    r"\b(?:un|in|under)-?determin(?:ed|able|ate)\b|\bun(?:answerable|solvable|knowable)\b",
    rf"\bill[- ]posed\b|{_NOT} (?:uniquely |yet |well )?(?:determined|determinable)\b",
    r"^\W*(?:n/a|not applicable|unknown|indeterminate)\W*$",
    r"\b(?:data|information|facts|details|numbers|premises|conditions|that|this) (?:do|does)"
    r"(?: not|n't) suffice\b|(?:\bis|\bwas)(?: not|n't) (?:a|any) way\b",
    rf"{_NOT} (?:an? )?(?:answer|solv|know)able\b",
    r"(?:\bno|\bwithout an?y?|\bnot have an?y?|n't an?y?) (?:valid |definite |definitive |unique "
    rf"|single |meaningful |specific |numerical |sensible |correct |real )*{_RESULT}\b",
    rf"\bno {_SINGLE} (?:solution|number|value)\b|\bno (?:number|value) (?:can|could|is|follows)\b",
    rf"\b(?:nobody|no one|nothing|none|neither|no (?:reader|historian|source)\w*)\b{_GAP}"
    r"\b(?:can (?:tell|say|know|answer|give|be (?:said|derived|known|determined|concluded"
    r"|inferred))|knows|(?:allows?|lets?|permits?|enables?) (?:us|me|you|one)|tells us|follows)\b",
    r"\banswer\W{0,6}(?:is )?\W{0,4}(?:n/a|not applicable|unknown|indeterminate|undefined)\b",
    r"\b(?:unanswered|unresolved|left blank|in no position to|not in a position to)\b",
    r"\b(?:any(?:one|body)'s guess|guess is as good as|no telling|lost to history|no idea)\b",
    r"\b(?:(?:no|any) way of (?:know|tell)ing|(?:is|are|remains?) (?:still )?a mystery)\b",
    r"\b(?:(?:refuse|won't|not going) to guess|(?:can|could) be (?:anything|any number))\b",
    r"\bany (?:amount|number|value) (?:is|are) possible\b",
    rf"\b(?:infinitely many|more than one|several) (?:\w+ )?(?:answer|value|number)s?\b{_CLAUSE}"
    r"\b(?:possible|fits?|works?|satisf\w+)\b|\bany number (?:\w+ )?(?:fits?|would|will|works?)\b",
    r"\b(?:question|answer|it|this) (?:stays?|remains?) (?:open|undecided)\b",
    r"\b(?:admits? of|allows?|permits?) no\b|\bnothing to (?:calculate|compute|work|go)\b",
    r"\bwould be (?:inventing|guess(?:ing|work)|pure)\b",
)
"""Says that the question can't be answered."""

CONTRADICTS = any_of(
    rf"\b(?:{_SOURCE}|{_GIVEN})s?\b{_GAP}\bcontradict",
    r"\bcontradict\w* (?:each|one|itself|themsel|in terms)|\ba contradiction\b",
    r"\b(?:is|are|self-?) ?contradict(?:ory|ions?)\b|\binconsisten(?:t|cy|cies)\b",
    rf"\bcan(?:not|'?t| not)\b{_CLAUSE}\b(?:both|all) (?:be|hold)\b|\bmutually exclusive\b",
    r"\b(?:incompatible|coexist|conflict(?:s|ing)? with (?:each|one))\b|\bdestroy one another\b",
    rf"{_NOT} (?:add up|fit together|agree with each)|{_NOT} make (?:any )?sense\b",
    r"\bmakes no sense\b|\bmeaningless\b|\bnonsensical\b|\bmisunderstanding\b",
    r"\b(?:do|does|did)(?: not|n't) (?:\w+ )?(?:exist|arise|take place|happen)\b",
    r"\bthere (?:is|was|are|were) no such \w+",
    r"\bnever (?:existed|happened|took place)\b|\bno such \w+ (?:exists?|was|has|can)\b",
    r"\b(?:there|it) (?:was|were|is) never\b|\bno \w+, no \w+!",
    rf"\b(?:{_FAULT}|confus\w+)\b{_CLAUSE}\b{_SOURCE}s?\b|\b{_SOURCE}s?\b{_CLAUSE}\b{_FAULT}\b",
    r"\b(?:is|be|there's|contains?) an? (?:typo|error|mistake)\b|\bmismatch\b",
    rf"\b(?:premise|assumption)s?\b{_CLAUSE}\b(?:false|wrong|incorrect|mistaken|faulty|flawed)\b",
    r"\b(?:false|wrong|mistaken|faulty|incorrect) (?:premise|assumption)\b",
    rf"\b(?:question|problem|premise)s?\b{_CLAUSE}\b(?:presuppos|assumes|takes for granted|rests"
    rf" on)|\b(?:question|problem)\b{_GAP}\b(?:waits|invalid|flawed|nonsense|collapses|dissolves"
    rf")\b|\b(?:such an? \w+|{_SOURCE})(?: is|'s)(?: \w+)? impossible\b|\bmake it solvable\b",
    rf"\bthere (?:is|was|'s) no \w+ {_CLAUSE}\bto (?:report|give|name|tell|speak|answer)\b",
)
"""Says that what the question takes for granted is false, or contradicts itself."""

MISSING = any_of(
    rf"\b{_SOURCE}\b{_GAP}(?:\b{_LACK})(?: \w+)? {_TELL}\b",
    rf"\bit {_LACK}(?: \w+)? (?:say|tell|give|provide|mention|state|specify|include)\b",
    r"\b(?:we|i)(?: simply| just)? (?:do(?: not|n't)|never) (?:\w+ )?(?:know|learn|hear)\b",
    r"\b(?:we|i|you)(?: are|'re|'ve| were| have) not (?:been )?(?:told|given)\b",
    r"\byou (?:did(?:n't| not)|do(?:n't| not)|have(?:n't| not)|never|forgot to) (?:\w+ )?(?:say"
    r"|said|tell|told|give|given|mention(?:ed)?|specif(?:y|ied)|provided?|stated?)\b",
    r"\b(?:are|were|have)n't (?:been )?(?:told|given)\b",
    rf"\bneither\b{_CLAUSE}\bnor\b{_CLAUSE}\b(?:is|are|was|were) {_TOLD}\b",
    rf"\b(?:is|are|was|were)(?: not|n't) (?:in|part of) the {_SOURCE}\b|\babsent from\b",
    rf"\b{_SOURCE}s? {_CLAUSE}\b(?:leaves? out|omits?)\b|\bno given (?:value|number|price)\b",
    rf"\bnowhere (?:do|does|did|is|are) {_CLAUSE}\b(?:{_TELL}|{_TOLD})\b",
    r"\b(?:no|any|zero) (?:\w+ ){0,2}(?:information|info|mention|details|indication|clues?)\b",
    rf"\b(?:no|any) (?:data|relation|price|number|figure|value)s?\b{_CLAUSE}\b{_TOLD}\b",
    rf"\bno data\b|(?:\b(?:is|are|was|were|be|been) (?:not|never|nowhere)|\b(?:is|are|was|were)n't)"
    rf"(?: \w+)? {_TOLD}\b",
    r"\b(?:not|never|n't) (?:been )?(?:recorded|written down|preserved)\b",
    r"\b(?:i|we) (?:don't|do not|have no) (?:have )?(?:access|(?:any )?record)\b|\bno record of",
    r"(?:\b(?:is|are|remains?)|'s) (?:\w+ )?(?:unknown|unspecified|unstated|missing|withheld"
    r"|omitted|unclear|wanting|left (?:out|open|unsaid))\b|\b(?:missing|unknown)\W*$|\bambiguous\b",
    rf"\bmissing (?:information|data|premise)|\b{_SOURCE}\b{_CLAUSE}\b(?:says?|tells?(?: us| you)?"
    r"|mentions?|gives?) nothing\b",
    rf"\bnothing in the {_SOURCE}\b|\bnothing\b{_CLAUSE}\b(?:says?|tells?|indicates?|states?"
    r"|mentions?|suggests?|reveals?)\b",
    r"\b(?:silent|mute) (?:about|on)\b|\bkeeps silen|\bsources? (?:is|are) silent\b",
    rf"(?:\b(?:unrelated|not related|nothing to do with|no bearing|irrelevant)|n't related)\b{_GAP}"
    rf"\b{_SOURCE}\b",
    rf"\b(?:{_SOURCE}|it|we) only (?:know|tells?|gives?|provides?|mentions?|talks? about)\b",
)
"""Says that something isn't given, or that what is given has nothing to do with the question."""

NEEDED = any_of(
    r"\b(?:we|you|i|one)(?:'d| would| will|'ll)?(?: \w+)? (?:need|require)"
    r" (?:to (?:know|have|look)|more|some|additional|further|information|a few things|the"
    r" (?:\w+ )?(?:price|number|value|information|cost|amount|data|total|weight))\b",
    r"\b(?:i|we|you|one)(?:'d| would)? (?:have|need) to (?:know|be (?:told|given)|see|measure"
    r"|ask)\b",
    rf"\b(?:until|unless)\b{_GAP}\b(?:is|are) (?:known|given|supplied|told|stated|provided)\b",
    r"\b(?:requires?|needs?|lacks) (?:more|additional|further) (?:information|details?|data)\b",
    rf"\b(?:second|third|another|further|more|additional)\b{_CLAUSE}\b(?:is|are|would be)"
    r" (?:needed|required|necessary)\b",
    r"\bplease (?:\w+ )?(?:provide|state|send|supply|clarify|specify)\b",
    r"\b(?:can|could|would) you (?:please |kindly )?(?:\w+ )?(?:provide|clarify|check|specify)\b",
    r"\b(?:can|could|would) you (?:please |kindly )?(?:give|share|tell|send) me (?:the|that|more"
    r"|how (?:many|much))\b",
    r"\b(?:send|give|tell) me (?:more|how (?:many|much)|(?:the|that) (?:number|price|value|amount"
    r"|figure|total|missing|information))\b",
    r"\blet me know (?:the|how (?:many|much)) |\blet me know if you (?:have|find|know) (?:the|that"
    r"|more|any more)\b",
    rf"\bif you (?:can |could )?(?:provide|give|share|clarify|send)\b{_CLAUSE}\b(?:information"
    r"|details?|data|context|price|number|value|it|that)\b",
)
"""Asks for what is missing, or says that it is needed."""

NEEDLESS = any_of(
    rf"{_NOT}\b{_CLAUSE}\b(?:need(?:ed)?|matter|relevant|asked|trouble|required|necessary"
    r"|important)\b|\bno (?:\w+,? ){1,6}(?:needed|required|necessary)\b",
    r"\b(?:needless|irrelevant|anyway|leaving that aside|would matter|red herring|luckily)\b",
    r"\b(?:beside the point|no (?:need|difference)|(?:cancels?|drops?) out|fortunately)\b",
    r"\ball (?:that )?(?:we|you) need\b",
)
"""Waves the gap away: what is missing isn't needed."""

ASIDE = any_of(
    r"\bat first\b|\b(?:might|may|could) (?:seem|appear|look|object|think|say)\b|\btempt(?:ed|ing)",
    r"\bseems to be missing\b|\blooks impossible\b|\bsevere critic\b|\bthose who\b",
    r"\b(?:taken|that|this|it|one|equation|clue|statement|sentence|fact|condition) alone\b"
    rf"|\bwith {_CLAUSE}\balone\b|\bknow any \w+er \w+|\bexact\b{_GAP}\bthough\W*$"
    r"|\bby itself\b|\bsome (?:say|would)\b|\bcontrary to\b|^\W*\(.*\)\W*$",
    rf"{_NOT} (?:true|the case|correct|impossible|missing|lacking|unknown|unanswerable|insufficient"
    r"|undetermined|contradict\w*|inconsistent)\b|\bnothing is (?:missing|lacking)\b",
    r"\"\W*(?:\w+ )?(?:means|refers|is called)\b|\b(?:theorem|definition|sentence reads|anyone who"
    r"|whoever)\b",
    r"^\W*an? (?:\w+ )?(?:system|problem|question|statement|equation) (?:is|with|that|which)\b",
    r"\b(?:sorry|apologi[sz]e)\b.*\b(?:help|assist|comply|answer (?:that|this)(?: question)?\W*$)",
    r"\bi (?:can't|cannot|can not|won't) (?:help|assist)\b",
    r"\b(?:false|wrong|untrue|mistaken) (?:that|to (?:say|think|claim))\b",
    rf"\b(?:but|yet|however)\b{_GAP}\b(?:is|are|was|were) (?:\w+ )?(?:given|known|stated|told)\b",
    rf"\bcould(?: not|n't)\b{_GAP}\b(?:without|if)\b|\b(?:without|if)\b{_GAP}\bcould(?: not|n't)\b",
)
"""Doesn't speak for the answer: an appearance, somebody else's view, denied, in brackets."""

LETTER = any_of(r"^\W*subject:|^\W*(?:dear|hi|hello) [\w. ]{1,40},\s*$")
"""Begins a letter that the answer writes for somebody."""

OPEN_BOX = any_of(
    r"\?|\b(?:cannot|can'?t|not|n/a|insufficient|no (?:answer|unique|definite|info|data)|unknown",
    r"undetermin|indetermin|impossible|undefined|unanswerable|incomplete|missing|contradict|invalid"
    r"|ambiguous|unsolvable)",
)
"""What a box holds that says that there is no result."""
