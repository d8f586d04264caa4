"""How a sentence presents what it says: as a concession, a hedge, a question, a mere fact."""

from __future__ import annotations

from stages.heuristics.stance_words import BOND, NO, NOT, any_of

HEDGES = {
    "turns": any_of(
        r"^\W*(?:however|still|nevertheless|nonetheless|yet|even so|but|then again|that said"
        r"|that being said|having said|with that said|on the other hand|ok|okay|well|longer answer"
        r"|but hear me out|hear me out|with that|that aside|disclaimer|loosely|indirectly"
        r"|musically|playfully|technically|strictly|for what it's worth|though"
        r"|at (?:most|best)|now)\b",
        r"\b(?:that (?:being )?said|then again|having (?:said|got) (?:this|that)|even so)\b",
        r"\bthough\b[^a-z]*$|\b(?:there (?:is|are)|here (?:is|are)|there's|here's) (?:however"
        r"|though"
        r"|still)\b|\bbut (?:some|there|one|here|just for fun|if)\b",
    ),
    "loosens": any_of(
        r"\b(?:loosest|pinch of salt|sliver|trick|essay|jokes?|enthusiasts?|pub quiz"
        r"|another matter|a hint|not (?:exactly|entirely|quite)|with effort|stretching|flimsy"
        r"|thin|rather than a (?:theory|fact|law))\b",
        r"\b(?:sort of|in a way|at a push|just for fun|have fun|fun(?:ny)?|squint|exception"
        r"|metaphors?"
        r"|analog(?:y|ies)|if you fancy|gun to my head|absolutely had to|pure chance|cold water"
        r"|hardly"
        r"|largely|in any (?:serious|strict|meaningful) sense|brush|tiny|cute|such as it is)\b",
        r"\b(?:loose(?:ly)?|stretch(?:ed|es)?|tenuous|tangential(?:ly)?|indirect(?:ly)?"
        r"|remote(?:ly)?"
        r"|weak(?:er|ly)?|faint|feeble|slight(?:ly)?|thin|far-fetched|whimsical|playful(?:ly)?"
        r"|metaphorical(?:ly)?|figurative(?:ly)?|superficial|distant|modest|curiosit(?:y|ies)"
        r"|footnotes?|anecdot\w+|trivia|speculat\w+|conceivabl[ye]|imagination|goodwill|squint"
        r"|amus\w+"
        r"|charming|near-miss|for fun|at (?:best|most|least)|so to speak|of sorts|such as it is"
        r"|as far as they do|not much of|kind of a|with (?:some|a bit|due)|coincide|possible"
        r"|potential"
        r"|suspect|dotted|maybe not more|closest thing|nearest)\b",
    ),
    "could_draw": any_of(
        r"\b(?:one|you|we|i|it|some|they|people|who|there)(?:'d)? (?:can|could|might|may|do|would)"
        r"(?: \S+)? (?:draw|find|make|construct|imagine|argue|be argued|point|see|say|note|trace"
        r"|connect|link|combine|mention|offer|compare|lay out|tie|come to mind|exist|have)\b",
        r"\bif (?:you|one|we|i)(?:'d)? (?:\S+ )?(?:try|tries|insists?|must|squints?|stretch(?:es)?"
        r"|wants?|wanted|looks?|go(?:es)? looking|push|force|like|wish)\b|\bif pressed\b"
        r"|\bif (?:i|you|we)"
        r" (?:absolutely |really )?(?:had|have) to\b|\b(?:some|people|others|many) (?:\S+ )?do\b",
        r"\b(?:creative mind|writer|novelist|poet|comedian|teacher|optimist|lecturer)s?\b",
        r"\bi (?:can|could|do|did) (?:offer|think|find|see|mention)\b|\bcomes? to mind\b",
    ),
    "offers_some": any_of(
        r"\b(?:there (?:is|are|'s)|here (?:is|are)|there's|here's|ok,|well,|what there is)"
        r"(?: \S+){0,2} (?:one|a few|some|a couple|two|three|several|at least)\b",
        r"\b(?:a few|some|a couple of|two|three|small|minor|odd|one) (?:\S+ ){0,2}"
        rf"(?:{BOND}|threads?|points?|things|ways|possibilities|exception|analog(?:y|ies))\b",
    ),
    "leaves_open": any_of(
        r"\b(?:up to you|make of that what|depends on (?:how|why|what|you)|matter of (?:taste"
        r"|opinion)"
        r"|as you prefer|neither way|historians differ|in theory|leave it open|whether (?:that|any"
        r"|it|this|they|either) (?:counts?|answers?|adds? up|is|of)|take these|i'm guessing"
        r"|call them|call these|rather than (?:fact|evidence)|no longer|still hesitate)\b",
        r"\b(?:no|not)\b.*\b(?:but|yet|though|by \S+(?: and by .*)?) yes\b|\bcount(?:s)?\?",
    ),
}

CONCESSIONS = {
    "at_first": any_of(
        r"\b(?:i used to|used to think|usual view|believe it or not|however odd|and yet\W*$"
        r"|until (?:i|you|we) look)",
        r"\b(?:schoolbooks?|textbooks?|libraries)\b",
        r"\bat first (?:sight|glance|blush)\b|\bon the (?:surface|face of it)\b",
        r"\b(?:seem|seems|appear|appears|look|looks|sound|sounds)\b",
        r"\b(?:might|may|would|'d|could) (?:\S+ )?(?:think|expect|suppose|assume|guess|not be)\b",
        r"\b(?:forgiven|sounds like|hmm|right\?|possibly|opposites|odd|unlikely|surprising"
        r"|strange)\b",
        r"\b(?:most people|few (?:people|would)|nobody would|unlikely pair|odd couple"
        r"|bedfellows)\b",
        r"^\W*(?:although|though|despite|even though|while|separately)\b",
    ),
    "others_say": any_of(
        r"\b(?:sometimes|often|probably|always|usually) (?:\S+ )?(?:read|hear|told|said|claimed)\b"
        r"|\b(?:hear|read|told) this\b|\bcome across\b",
        r"\b(?:some|people|they|many|critics|textbooks|your \S+|it is often|it's often|posts?"
        r"|articles?|popular \S+|anyone|whoever|who|he|she|library|one) (?:\S+ ){0,2}(?:say|says"
        r"|said"
        r"|claim|claims|claimed|claiming|believe|insist|argue|tell|think|treat|put|have it)s?\b",
        r"^\W*\"",
    ),
    # It is wrong to call them unrelated.
    "denies_denial": any_of(
        r"\b(?:wrong|false|mistaken?|untrue|misleading|not true|[a-z]+n't true|myth|not the case"
        r"|absurd"
        r"|nobody|no one|can't|cannot)\b.*\b(?:unrelated|unconnected|separated?|independent|no"
        r" (?:\S+ )?(?:link|connection|relation)\w*|nothing (?:to do|in common)|not (?:be )?"
        r"(?:related|connected|linked|be))\b",
        r"\bunrelated\b.*\b(?:wrong|false|mistaken?|untrue|misleading|myth)\b|\b(?:they"
        r"|there)'?(?:re| is|"
        r" are)? (?:un\S+|no link)\b.*\b(?:wrong|false|myth)\b",
        rf"\b(?:{NOT}|far from|anything but) (?:\S+ ){{0,2}}(?:unrelated|unconnected|separate)\b",
        r"\b(?:have nothing|no link|unconnected|independent)\b.*\bis (?:a |an )?(?:myth|false|wrong"
        r"|mistake|misleading|error)\b",
    ),
    "not_apart": any_of(
        r"\b(?:not|[a-z]+n\'t) (?:\S+ )?unrelated\b|\bseparate them and\b",
        rf"\b(?:{NOT}|far from|anything but|no longer) (?:\S+ ){{0,3}}(?:unrelated|unconnected"
        r"|separate|separated?|independent|dissimilar|apart|strangers|chance|coincidence|accident"
        r"|entirely|completely|so different|only)\b",
        r"\b(?:it's|it is|that's|that is|they're|they are|is) (?:simply |just )?(?:wrong|false"
        r"|mistaken|untrue)\b",
        r"\b(?:don't|do not|[a-z]+n't) (?:believe|be fooled|let)\b|\bmislead(?:s|ing)?\b",
        r"\bno (?:accident|coincidence|wonder|doubt|surprise|secret|less|other)\b",
        r"\b(?:wrong|mistake|misleads?|error|misunderstanding|ignor\w+|overlook\w*|misses)\b",
        r"\bto (?:treat|keep|see) (?:them|these|the two)\b.*\b(?:miss|mistake|wrong)\b"
        r"|\bthe truth\b",
        r"^\W*(?:they|these|those) (?:are|do)(?:n't| not)\W*$|\bcloser (?:inspection|look)\b",
        r"\b(?:but|yet|and yet)\b.*\b(?:share|both|answer|same|it does|they are|they do)\b",
        r"\b(?:look|looking|looks|inspection)\b[^.;!?]*\bclos(?:e|er|ely)\b|\bon reflection\b",
    ),
}

PLAIN = {
    "asks": any_of(r"\?\W*$", r"\?\W*\)?$"),
    "to_reader": any_of(
        r"\b(?:let me know|tell me|please|feel free|happy to|glad to|would you like|do you (?:want"
        r"|mean)|did you|could you|want to|you'd like|you want|you need|you mean|you meant|pick one"
        r"|ask me|anything else|i can help|hope this|you're (?:after|looking)|are you)\b",
        r"^\W*(?:if you|which|what would|shall i|should i|sure|of course|great question|gladly)\b",
    ),
    "announces_each": any_of(
        r"\b(?:each|one after the other|in turn|in (?:that|the) order|separately|one by one|both)\b"
        r"[^.!?]*(?:[:.]|in turn)\W*$",
        r"\b(?:short|brief|quick|some|an?|here is|here are|here's) (?:\S+ )?(?:note|overview"
        r"|introduction|information|summary|explanation|look|facts|description)s?\b",
        r"^\W*(?:let me|let's|i'll|i will|now|turning|as for|next)\b",
    ),
    "clarifies": any_of(
        r"\b(?:not|[a-z]+n't) (?:entirely |quite )?(?:sure|clear|certain) (?:what|which|how|if"
        r"|whether)\b",
        r"\bwhat (?:are )?you(?:'re| are)? (?:after|looking)\b|\bwhich (?:one |of )",
        r"\b(?:did|do) you mean\b|\bclarify\b|\bpick one\b|\bmore context\b|\bbe sure what\b",
        r"\btell me (?:a bit |a little )?more about what\b|\bare you (?:asking|trying|after)\b",
    ),
    "explains_by": any_of(
        r"\b(?:think of|imagine|picture) (?:it|this|them|the|a)\b|\bworks (?:much )?like\b|^like\b",
    ),
    "negates": any_of(rf"\b{NO}\b"),
    "but": any_of(r"\b(?:but|though|although|yet|however|except|still)\b"),
    "concludes": any_of(
        r"^\W*(?:in (?:conclusion|short|summary|brief|the end|sum)|to (?:conclude|sum)|overall|so\b"
        r"|thus|therefore|finally|ultimately|taken together|on balance|conclusion|hence"
        r"|all in all)",
    ),
    "verdict": any_of(
        r"\b(?:i'd|i would|i wouldn't|i think|i don't|i do not|i see|my (?:answer|verdict))\b",
    ),
}
