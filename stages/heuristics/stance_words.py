"""Words from which the patterns of ``stance`` are made, and how patterns are put together.

The patterns are matched against masked sentences (``stance_mask``): lower case, the topics ``A``
and ``B``. They are in the syntax of Rust's regex, which takes time linear in the text whatever it
holds. Its Unicode word boundary is slow on text that isn't ASCII, so an ASCII one stands in.
"""

from __future__ import annotations

NOT = (
    r"(?:not|never|cannot|hardly|scarcely|barely|(?:ca|is|are|was|were|do|does|did|could|have|has"
    r"|had|wo|would|should)n't)"
)
NO = rf"(?:no|nothing|none|nobody|neither|nor|without|unable|fail(?:s|ed)?|lacks?|zero|{NOT})"
BOND = (
    r"(?:links?|connections?|relations?|relationships?|relatedness|overlaps?|associations?"
    r"|correlations?|parallels?|bridges?|intersections?|bearing|ties?|kinship|in common"
    r"|common (?:ground|thread|denominator|history|purpose|origin)|points? (?:of contact|at which)"
    r"|threads?|direct line|interplay|connexion|similarit(?:y|ies)|resemblances?|bond|nexus)"
)
BOUND = (
    r"(?:related|connected|linked|tied|joined|associated|intertwined|alike|similar|interlinked"
    r"|bound|kindred|relatives)"
)
RELATE = (
    r"(?:relat|connect|interact|intersect|overlap|belong together|link|tie|tying|join|resembl"
    r"|influenc|affect|cross(?:es|ed)? paths|unit|bind|touch)(?:s|es|e|ed|ing)?"
)
KINDS = (
    r"(?:topics?|subjects?|things|fields|worlds|domains|questions|headings|matters|areas|persons"
    r"|concepts|entities|ideas|realms|categories|stories|disciplines|branches|technologies|issues"
    r"|people|phenomena|purposes|items|events|notions|spheres|problems|conversations|themes)"
)
GAP = r"[^.;:!?]*"
PAIR = (
    r"(?:both|(?:the|these|those|my|your) two|two (?:topics|subjects|things|fields)|each other"
    r"|one another|either|neither|the other|the pair|between them|in each|each (?:of|has|is|in"
    r"|was|can|takes?)|they|them|together|these)"
)
SURE_PAIR = (
    r"(?:(?:the|these|those) two|each other|one another|the pair|the one\b.*\bthe other"
    r"|A\b.*\bB|B\b.*\bA)"
)


def any_of(*patterns: str) -> str:
    """One pattern that matches where any of these does."""
    return "|".join(patterns).replace(r"\b", r"(?-u:\b)").replace(r"\S", "[^ ]")
