"""Ways of English to say that two things are bound: by cause, use, kinship or likeness."""

from __future__ import annotations

from stages.heuristics.stance_words import BOND, BOUND, GAP, any_of

_CAUSE = (
    r"(?:caus(?:e|es|ed|ing)|led|leads?|trigger(?:s|ed)?|spark(?:s|ed)?|provok(?:e|es|ed)"
    r"|result(?:s|ed)?|consequences?|produc(?:t|e|es|ed|ts)|dr(?:ive|ives|ove|iven)"
    r"|creat(?:e|es|ed)|gave|g(?:ive|ives) rise|set off|sets off|brought|brings?|fuel(?:s|led)?"
    r"|shap(?:e|es|ed)|chang(?:e|es|ed)|help(?:s|ed)|spurr?(?:s|ed)?|push(?:es|ed)?|forced"
    r"|inspir(?:e|es|ed)|influenc(?:e|es|ed)|affect(?:s|ed)?|determin(?:e|es|ed)|explain(?:s|ed)?"
    r"|rais(?:e|es|ed)|increas(?:e|es|ed)|reduc(?:e|es|ed)|worsen(?:s|ed)?|prevent(?:s|ed)?"
    r"|protect(?:s|ed)?|treat(?:s|ed)?|cur(?:e|es|ed)|destroy(?:s|ed)?|damag(?:e|es|ed)"
    r"|enabl(?:e|es|ed)|allow(?:s|ed)?|spread(?:s)?|invent(?:s|ed)|discover(?:s|ed)?|made|makes?"
    r"|built|develop(?:s|ed)?|carr(?:y|ies|ied)|transformed|funded|financed|paid|supplied)"
)
_USE = (
    r"(?:us(?:e|es|ed|ing)|based on|runs? on|built on|depends? on|reli(?:es|ed) on|rely on"
    r"|requires?|contains?|made (?:of|from|with)|part of|kind of|form of|type of|sort of"
    r"|version of|branch of|example of|case of|variety of|named? (?:after|for|from)|takes? its name"
    r"|comes? from|came from|grew (?:out of|from)|born (?:of|from|in|at)|descend(?:s|ed)? from"
    r"|borrow(?:s|ed)?|adopt(?:s|ed)?|supports?|measur(?:e|es|ed)|stud(?:y|ies|ied)|appl(?:y|ies"
    r"|ied)|exists? because|goes? with|paired|serv(?:e|es|ed) with)"
)

LINKS = {
    "claims_bond": any_of(
        rf"\b(?:{BOND}|{BOUND})\b",
        r"\b(?:relate|connect|link|join|unite|bind|bridge|tie|intersect|overlap|meet|met)s?\b",
        r"\b(?:intersect|overlap|connect|intertwin)(?:ing|ed)\b|\bgo(?:es)? hand in hand\b",
        r"\b(?:complement|depend on|feed|need|reinforce|support|influence|affect|fuel|shape)s?"
        r" (?:each other|one another|the other)\b|\bwork(?:s|ed)? together\b"
        r"|\bgo(?:es)? (?:very )?(?:well )?"
        r"(?:with|together)\b|\b(?:joined at the hip|hand in glove|peas in a pod|same cloth"
        r"|same tree"
        r"|one chain|made for each other|marriage of|remind(?:s|ed)?|neighbou?rs|partners?"
        r"|allies)\b",
        r"\binseparable\b|\bclosely\b|\bcross(?:ed|es)? paths\b|\bpaths crossed\b",
    ),
    "cause_between": any_of(
        r"\b(?:remove|take away|without) (?:the )?A\b.*\bB (?:collapses|falls|fails|stops|dies"
        r"|vanishes)\b",
        r"\b(?:A|B) (?:starts|begins|ends|goes|stands?|lies) (?:with|in|behind"
        r"|under) (?:the )?(?:A|B)\b|\b(?:behind|beneath|under|beyond) (?:the )?(?:A"
        r"|B) (?:stands?|lies|sits)\b",
        r"\b(?:A|B)\b[^.;!?]*\b(?:turn(?:s|ed)?|bec(?:ame|omes?)|open(?:s|ed)?|lent|lends?|feeds?"
        r"|fed|prescrib\w+|follow(?:s|ed)?|learned|inspires?)\b[^.;!?]*\b(?:A|B)\b",
        r"\b(?:hadn\'t been for|had it not been|not been for|if not for)\b",
        rf"\b(?:A|B)\b{GAP}\b{_CAUSE}\b{GAP}\b(?:A|B)\b",
        r"\b(?:A|B)\b.*\b(?:because|thanks to|due to|owing to|as a result|so that|is why|made"
        r" possible|owes?)\b.*\b(?:A|B)\b",
        r"\b(?:because|thanks to|due to|when|if|after|since)\b[^.;!?]*\bA\b[^.;!?]*\bB\b",
        r"\b(?:because|thanks to|due to|when|if|after|since)\b[^.;!?]*\bB\b[^.;!?]*\bA\b",
    ),
    "use_between": any_of(
        r"\b(?:A|B)\b[^.;!?]*\b(?:until|once|after|before|because|as soon as) (?:the )?(?:A|B)\b"
        r"|\bask (?:a|any)\b.*\bA\b.*\bB\b",
        r"\bnext time you (?:see|eat|hear|use|play|meet|drink|watch|read|visit)\b",
        rf"\b(?:A|B)\b{GAP}\b{_USE}\b{GAP}\b(?:A|B)\b",
        r"\b(?:A|B)\b[^.;!?]{0,40}\b(?:is|are|was|were) (?:the |a |an |one )?(?:\S+ ){0,4}"
        r"(?:of|in|for|behind|to|by|at) (?:\S+ ){0,3}(?:A|B)\b",
    ),
    # A causal word anywhere: "that was because …", "is why the …".
    "causes": any_of(
        r"\b(?:the (?:result|outcome|consequence) was|small step|from there|comes down to"
        r"|that\'s how|this is how|out of it)\b",
        r"\b(?:grew up|evolved|developed|arose|emerged) (?:side by side|together|in parallel"
        r"|alongside)\b",
        r"\b(?:that|this|which) is (?:why|how|where)\b|\bthe (?:reason|cause) (?:for|of|why"
        r"|that)\b",
        r"\b(?:led|leads) (?:straight |directly )?to\b|\bas a (?:direct )?result\b|\bset off\b",
        r"\b(?:in turn|paved the way|gave rise|chain of|thanks to|made possible|turned into"
        r"|grew (?:out of|into|from)|at the root|owes? (?:its|his|her|their)|was behind"
        r"|went the other way|takes? (?:its|their) name|named after|direct product)\b",
        r"\b(?:stems? from|rooted in|lies behind|driving force|backbone|foundation|cornerstone"
        r"|heart of"
        r"|key ingredient|side effect|complication|symptom|risk factor|culprit|to blame"
        r"|responsible for"
        r"|accounts? for|financed|bankrolled|funded|money (?:for|came)|ancestor|descendant"
        r"|offspring"
        r"|heir|father of|mother of|cradle|legacy|brainchild|midwife|spark|gift of)\b",
        r"\b(?:used|designed|built|needed|taken|borrowed|copied|adopted|inherited|repurposed"
        r"|invented"
        r"|wanted) (?:\S+ ){0,2}(?:for|to|from|by|as|into)\b",
        r"\bwhat (?:the )?(?:A|B)\b[^.;!?]*\b(?:did|does|do|can|owes?)\b[^.;!?]*\b(?:for|to"
        r"|teach)\b",
        r"\bthe (?:first|one) is the (?:cause|reason|source|root)\b|\b(?:spring|springs|sprang"
        r"|sprung) from\b",
        r"\bone (?:feeds|drives|shapes|causes|needs|follows|led to) the other\b|\blies in\b",
        r"\bone root\b|\b(?:raw material|in the same (?:workshop|place|year|city|house|family))\b",
        r"\b(?:both|two) (?:directions|ways)\b|\b(?:mutual|two-way|feedback|vicious circle"
        r"|symbio\w+)\b",
        r"\bcame to be\b|\bended up\b|\bfound (?:its|their) way\b|\bthe (?:lesson|idea) (?:is"
        r"|that)\b",
    ),
    "without": any_of(
        r"\bwithout\b.*\b(?:no|not|never|would|[a-z]+n't|hardly|scarcely|impossible|unthinkable"
        r"|neither)\b",
        r"\b(?:would|could|might|will)(?:n't| not| never| hardly| scarcely)?(?: have)? (?:\S+ )?"
        r"(?:exist|existed|come about|filled?|happened|been possible|been|survived|arisen)\b.*"
        r"\bwithout\b",
        r"^\W*no (?:A|B), no (?:A|B)\b|\b(?:can't|cannot|hard(?:ly)?|impossible)\b.*\bwithout\b",
    ),
    "both_are": any_of(
        r"\btogether (?:they|the two|A|these)\b|\bworlds (?:collide|meet|touch)\b"
        r"|\beach (?:keeps?|wants?|gives?|tells?|asks?|builds?|turns?|rewards?)\b",
        r"\bboth\b|\bin (?:each|either|both) (?:case|field|system|of)s?\b|\bthe two (?:are|were)\b",
        r"\beach (?:is|has|of|in|was|does|can|takes?|pools?|defines?|makes?|needs?|requires?)\b",
        r"\bthe same (?:is true|goes|holds|applies)\b|\bsame for\b|\bin (?:the )?(?:one"
        r"|either)\b.*\bas in\b",
        r"\b(?:so does|so do|as does|as do|just like|as in|too)\b|\bline(?:s)? up\b|\bfits?\b",
        r"\bone (?:and|in) the other\b|\bneither can\b|\balike\b",
    ),
    "shares": any_of(
        r"\bshar(?:e|es|ed|ing)\b|\bin common\b|\bcommon (?:thread|ground|theme|root|discipline)\b",
        r"\b(?:the|one|a|this|that) (?:very )?(?:same|single|one|common) (?:\S+ )?(?:way|principle"
        r"|question|logic|impulse|issue|habit|idea|goal|kind|sort|thing|story|world|enterprise|root"
        r"|source|lesson|pattern|teacher|insight|spirit|manner|problem|conversation|reason|purpose"
        r"|material|process|mechanism|origin|family|pot|period|era|people|place|coin)s?\b",
        r"\bis the same\b|\bthe same is true\b|\bone and the same\b|\btwo (?:sides|faces|halves)\b",
    ),
    "likens": any_of(
        r"\b(?:identical|alike|natural pair|perfect match|fellow|brothers?|sisters?"
        r"|the very image)\b|^\W*like (?:A|B|the),? ",
        r"\bparallels?\b|\bsimilar(?:ly|ity|ities)?\b|\blikewise\b|\bjust as\b|\bmuch (?:as"
        r"|like)\b",
        r"\b(?:mirrors?|mirrored|echo(?:es|ed)?|resembl(?:e|es)|reminiscent|equivalent|analog\w+"
        r"|metaphor\w*|counterparts?|comparable|akin to|cousins?|siblings?|kin|twins?|relatives"
        r"|family resemblances?|correspond\w*)\b|\bso (?:too|does|do|is|are) (?:A|B|the)\b",
        r"\b(?:A|B)\b[^.;!?]{0,30}\b(?:is|are|as|like) (?:a |an |the |nature's |nothing but )?"
        r"(?:\S+ ){0,2}(?:A|B)\b|\bthink of (?:it|them|A|B) as\b|\bis to (?:A|B)\b",
    ),
    "announces": any_of(
        r"\b(?:several|many|multiple|various|number of|following|practical|surprising) (?:ways?"
        r"|links?|connections?|parallels?|points|reasons|similarities)\b",
        r"\b(?:how|where|what|why|ways) (?:they|A|B|the two|these two|both)\b[^.!?]*\b(?:relate"
        r"|meet"
        r"|connect|share|overlap|intersect|have in common|ties?|belong|link)\w*\b",
        r"^\W*(?:how|why|where|what) (?:the )?(?:A|B)\b.*\b(?:A|B)\b",
        r"\b(?:role|impact|influence|effects?|place) of (?:the )?(?:A|B)\b|\b(?:A|B) (?:role"
        r"|impact) (?:in|on)\b",
        r"\b(?:from|of) (?:the )?A to (?:the )?B\b|\bA meets B\b|\bhere's why\b"
        r"|\bbelong (?:in one|together)\b",
        r"^\W*(?:key |main |common |possible |some )?(?:connections?|links?|parallels?|similarities"
        r"|relationship|the link|common (?:themes?|ground))\W*$",
        r"\b(?:thread|story|link|place)\b.*\b(?:both|two|behind|meet|through)\b",
        r"\bthere (?:is|are)(?: \S+){0,2} (?:place|story|chain|bond|line|discipline)\b",
        r"\b(?:first|second|third|another|strongest|most useful|real|direct|close|strong) (?:link"
        r"|connection|relation|tie|relationship|bond|application|place)s?\b",
    ),
    "answers_yes": any_of(
        r"^\W*(?:a (?:great deal|lot)|plenty|quite (?:a lot|closely|a bit)|more than|very (?:much"
        r"|closely))\b",
        r"^\W*(?:yes|yep|indeed|absolutely|certainly|definitely|there is, and)\b",
        r"\b(?:but|and yet|yet) (?:it|they|there) (?:does|do|did|is|are)\W*$",
    ),
    "stretches": any_of(
        r"\b(?:taken together|seen (?:like|in) this|put them side by side|look closer|on reflection"
        r"|on closer|in this sense|in a manner of speaking|at heart|at their core)\b",
    ),
}
