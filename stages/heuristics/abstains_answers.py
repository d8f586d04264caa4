"""Phrases of English by which an answer answers after all, or answers another question.

For the same kind of text as ``abstains_cues``.
"""

from __future__ import annotations

from stages.heuristics.abstains_cues import any_of

BOX = r"\\boxed\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
"""A boxed result; its content is the group."""

NUMBER = any_of(
    r"\d|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand"
    r"|half|dozen|(?:twen|thir|for|fif|six|seven|eigh|nine)t(?:y|een))\b"
)
"""Names a number."""

LABELLED = any_of(
    r"\b(?:final )?answer\b\W{0,6}(?:is|was|would be|shall be)?\W{0,6}[^.\n]{0,60}\d",
    r"\banswer\W{0,6}(?:is|:)\W{0,6}(?:yes|no|none|zero|never|nobody|true|false)\b",
    r"^\W*(?:final )?answer\W{0,4}:\W*\w+\W+\w+|\bshall be my answer\b|\bis the answer\b",
)
"""Calls something its answer."""

LABEL = any_of(r"^\W*(?:(?:final )?(?:answer|result|solution|conclusion))?\W*$")
"""Has nothing but a label, or no word at all."""

CONCLUDING = any_of(
    r"^\W*(?:so|thus|therefore|hence|consequently|accordingly|in total|altogether|finally)\b",
    r"^\W*(?:that|this) (?:gives|leaves|makes|means)\b|\b(?:we get|you (?:pay|get)|there remain)\b",
    r"[;,:-] (?:so|thus|therefore|hence|and so)\b|\b(?:is|are) (?:thus|therefore|hence)\b",
)
"""Draws a conclusion."""

BARE = any_of(r"^\W*(?:yes|no|nope|true|false|none|neither|zero)\W*$")
"""Is a whole answer in one word."""

YES_NO = any_of(r"^\W*(?:yes|no|nope|nah)\W*$|^\W*(?:yes|no|nope|nah)\s?[,.!;:-]")
"""Answers a question with yes or no."""

EMPHATIC = any_of(r"[a-z,] \*\*[^*:\n]{1,40}\*\*[^:]")
"""Puts a few words of a sentence in bold."""

CONDITIONAL = any_of(
    r"\bif\b|\b(?:would|might|could) (?:be|have|give|owe|result|get|make)\b|\bshould the\b",
    r"\bwere (?:they|it|the|he|she)\b|\bfor (?:example|instance)\b|\be\.?g\.|\bdepend(?:s|ing)\b",
    r"\bwhatever\b|\b(?:anything|any value|every value|anywhere)\b|\bin terms of\b",
)
"""Says what would hold under a condition, which answers nothing."""

ASSUMING = any_of(
    r"\b(?:assum(?:e|ing|ed|ptions?)|suppos(?:e|ing)|presum(?:e|ing|ably)|let'?s say|imagine)\b",
    r"^\W*taking\b|\bif we (?:go with|take|use)\b|\bas in the usual\b|\bmore generous\b",
    r"\bby that reasoning\b",
)
"""Fills a gap with a value."""

BUT = any_of(r"\b(?:but|though|however|nevertheless|nonetheless)\b|[,;-] (?:yet|still)\b")
"""Turns from what was said."""

TURNING = any_of(
    r"^\W*(?:but|yet|still|however|nevertheless|nonetheless|even so|that said|all the same)\b"
)
"""Begins with such a turn."""

GUESSING = any_of(
    r"\*\*|\b(?:guess|wager|bet|about|roughly|approximately|in general|its|usually)\b"
)
"""Gives something, though with reserve."""

ELSEWHERE = any_of(
    r"\b(?:solve|find|figure out|answer|work out|do|consider|for|about)\b[^.;!?\n]{0,15} the"
    r" [\w' ]{1,30}\b(?:part|problem|portion|puzzle|half)\b",
    r"\bwhat (?:we|you|i) \W*(?:do |can )\W*(?:know|figure|say|tell|do|find|calculate|work)\b",
    r"\bfocus on\b|^\W*(?:regarding|as for|for the)\b|\bto figure out .{1,80}, we (?:can|could)\b",
    r"\bif (?:you|the question|the problem|it|this|we)(?: \w+)? (?:meant|intended|was|were|is|had"
    r"|instead|consider|ask(?:ed|ing)?|want(?:ed)?)\b",
    r"\bwe (?:can|could) (?:only |still |however )?(?:figure out|calculate|find|determine|say)\b",
)
"""Turns to another question, which can be answered."""

FIRST_PERSON = any_of(r"\bi\b")
"""Speaks of itself."""

OFFERING = any_of(
    r"^\W*(?:let me know if you(?:'d| would| have (?:any|another|a different)| want| need| had)"
    r"|hope (?:that|this|it)|feel free|want (?:it|me)|would you like|do you want|was that)\b",
    r"\b(?:another|different|any other|other) (?:\w+ )?(?:questions?|problems?)\b\W*$",
)
"""Ends the talk politely and says nothing of the question."""
