"""Ways of English to say that two things have nothing to do with each other."""

from __future__ import annotations

from stages.heuristics.stance_words import BOND, BOUND, GAP, KINDS, NO, NOT, RELATE, any_of

DENIALS = {
    # No link; nothing that ties the one to the other; isn't related.
    "denies_bond": any_of(
        rf"\b{NO}\b{GAP}\b(?:{BOND}|{BOUND})\b",
        rf"\b{NO}\b{GAP}\b{RELATE}\b",
        rf"\b{BOND}\b{GAP}\b(?:not found|{NOT} (?:any|one|exist)|none|absent|missing)\b",
    ),
    # Nothing to do with; owes nothing; says nothing about.
    "denies_matter": any_of(
        rf"\b{NO}\b{GAP}\b(?:to do with|to say about|bear(?:s|ing)? on|at stake between)\b",
        r"\b(?:irrelevant|immaterial|beside the point|indifferent to|oblivious|non sequitur)\b",
        r"\b(?:no|[a-z]+n't|not|never|neither) (?:\S+ ){0,4}(?:part|role|place|say|stake|business"
        r"|mention)"
        r"(?:s|ed)?\b",
        r"\b(?:says?|owes?|means?|shares?|tells?(?: us| you)?|teach(?:es)?(?: you)?|adds?|knows?"
        r"|contributes?|explains?) (?:almost |absolutely |practically )?"
        r"(?:nothing|little|zero|no more)\b",
        r"\bshares? (?:no|neither|nothing|little)\b|\bzero in common\b",
    ),
    "calls_unrelated": any_of(
        r"\b(?:random|arbitrary|accidental|odd|strange) (?:\S+ )?(?:pairing|mix|generator"
        r"|choice)\b|\bautocorrect\b",
        r"\b(?:overlap|connection|relation|link|similarity) is (?:exactly |precisely "
        r"|about )?(?:zero|nil|none|nothing)\b",
        r"\b(?:own|different) (?:rules|history|histories|laws|logic|place|business|story|stories"
        r"|floors?|rooms?)\b",
        r"\b(?:unrelated|unconnected|independent of|independently|no relation)\b",
        rf"\b(?:separate|independent|distinct|different|individual|disparate|unlike|unconnected)"
        rf"\b(?: \S+){{0,2}} {KINDS}\b",
        rf"\b(?:are|as|just|simply|really|them|be|those) (?:simply |just )?two {KINDS}\b",
        r"\b(?:totally|completely|entirely|wholly|altogether|very) (?:different|separate|distinct"
        r"|independent)\b",
        r"\bdifferent (?:from|in) (?:each other|one another|nature|kind)\b",
        r"\bhomonyms?\b|\bfalse friends?\b|\b(?:not|[a-z]+n't) (?:in )?(?:the )?same (?:category"
        r"|kind|thing)\b",
        r"\b(?:each is|are each) (?:its|their|a|an) (?:own|\S+ of (?:its|their) own)\b",
        r"\b(?:gulf|chasm|ocean|gap) between\b|\bunaware of (?:each|one)\b|\bunlikely\b"
        r"|\bdoubtful\b",
        r"\b(?:disjoint|orthogonal|mutually exclusive|irreconcilable|strangers|opposites)\b",
        r"\bdifferent \S+, (?:and )?different\b|\b(?:random|arbitrary) (?:pair|combination|words)",
    ),
    # Places for things apart.
    "sets_apart": any_of(
        r"\bA (?:belongs|goes|lives|is filed|sits|stays) (?:in|on|under|to)\b.*\bB\b|\b(?:file"
        r"|put|keep) A (?:in|on|under)\b.*\bB\b",
        r"\btabs\b|\bwhere the (?:similarity|likeness|resemblance) (?:stops|ends)\b"
        r"|\bsound alike\b",
        r"\b(?:worlds|poles|miles|far|further|light-years|galaxies) apart\b|\bnever the twain\b"
        r"|\b(?:oil and water|chalk and cheese|kettles? of fish)\b|\bopposite ends\b"
        r"|\bstrangers\b|\bapart from (?:each|one an)other\b",
        r"\b(?:different|separate|own|opposite|other) (?:\S+ )?(?:worlds?|drawers?|folders?"
        r"|shel(?:f|ves)|tracks?|planets?|universes?|headings?|chapters?|ends?|compartments?"
        r"|boxes|books?|corners?|orbits|lanes|lives|ways|sections?|realms?|spheres|categories)\b",
        r"\b(?:keep|take|treat|study|file|read|see|consider|handle|view|look (?:up)?on|deal with)"
        r"\b(?: \S+){0,4} (?:apart|separately|separate|individual|independently)\b",
        r"\b(?:two|different|separate) (?:unrelated )?questions\b",
        r"\b(?:stay|kept?|keep(?:s|ing)?|go) out of (?:each other|the other)|\bmind (?:its"
        r"|their) own\b",
        r"\b(?:lump(?:ing)?|mix(?:ing)?|throw(?:ing)?|put(?:ting)?) (?:them|these|the two) (?:up"
        r"|together)\b",
        r"\bships\b.*\bnight\b|\b(?:on|each on|in) (?:its|their) own (?:terms|right|world)s?\b",
        r"\bstands? (?:apart|alone|on (?:its|their) own)\b|\bgo(?:es)? (?:its|their) (?:own"
        r"|separate) ways?\b",
        rf"\b(?:paths?|tracks?|roads?|worlds?|lines?)\b{GAP}\b{NO}\b{GAP}\b(?:cross|meet|touch)\b",
        r"\b(?:never|not|[a-z]+n't) (?:\S+ )?(?:met|meet|cross(?:es|ed)?|touch(?:es|ed)?|mix|mingle"
        r"|intersect|come near|came near|take them together)\b",
        r"\bunder one roof\b.*\bnot\b|\bnot\b.*\bin one breath\b|\bdo(?:es)? not belong together\b",
    ),
    # The whole answer, or the close of it, is no.
    "answers_no": any_of(
        r"^\W*(?:not (?:in the (?:slightest|least)|even|a bit|one bit)|absolutely not|hardly"
        r"|certainly not|of course not|never)\W*$",
        r"\b(?:isn\'t|is not|not) (?:history|science|physics|chemistry|logic|biology)\b",
        r"^\W*(?:\S+(?: \S+){0,2}[:,] )?(?:but )?(?:no|none|nope|nah|nothing)\b(?:$|[,.;:!]| what"
        r"| that i| at all| beyond| but| to do)",
        r"^\W*(?:but |so )?(?:not (?:really|related|at all|that i|linked|connected|similar))\b",
        r"\bthere (?:is|are) (?:simply |just |really )?(?:none|nothing)\b|\bthere(?:'s| is|'re"
        r"| are)"
        r"(?:n't| not)? (?:one|any)\b(?: worth| to| that|\W*$)",
        r"\bmy answer\b.*\b(?:no|not|nothing|none)\b|\banswer is (?:simply |just )?(?:no|none)\b",
        rf"\b(?:i|we) (?:have|had|has)(?:n't| not)\W*$|\b(?:they|it|that|these) {NOT}\W*$",
        r"^\W*(?:A|B|it|he|she|they|that|this) (?:is|are|does|do|did|was|has)(?:n't| not)\W*$",
        r"\b(?:is|are)n't (?:on the list|a thing|one)\b|\b(?:nil|nada|zilch|nope)\b",
    ),
    # The writer looked, or knows of nothing.
    "finds_none": any_of(
        r"\b(?:drawing|drew|draws?) a blank\b|\bnothing to (?:see|report|tell|add|say|find)\b",
        r"\b(?:escaped?|eludes?|hidden from) (?:me|us|every\S*)\b|\bno (?:\S+ )?(?:story|bridge"
        r"|pattern|secret|tale|meaning)\b",
        r"\b(?:can't|cannot|could not|couldn't|don't|do not|unable to|fail to|didn't|did not) "
        r"(?:\S+ )?(?:see|find|think of|name|point to|offer|come up with|detect|spot|believe"
        r"|discover|recall|imagine|know of)\b",
        r"\b(?:found|find|see|know of|aware of|discovered|turned up) (?:none|no\b|nothing|neither)",
        r"\b(?:not|[a-z]+n't) (?:found|aware|know)\b",
        r"\b(?:nothing|none|no \S+) (?:that )?(?:i|we) (?:know|am aware|can|could|would)\b",
        r"\bi (?:see|find|know of|have found) no\b|\bthere isn't one\b",
        r"\b(?:in vain|beats me|stumped|wild goose chase|red herring|no idea (?:why|how|what))\b",
        r"\b(?:no|little|any) reason to\b|\bno such (?:thing|link|relation|connection)\b",
        r"\b(?:empty[ -]hand(?:s|ed)|came up empty|drew a blank|draw a blank|dead end"
        r"|blank page)\b",
        r"\b(?:neither|none|nothing)\b[^.;!?]*\b(?:anywhere|nowhere|far)\b|\bgets? (?:you"
        r"|us) nowhere\b",
        r"\b(?:nobody|no one|no (?:historian|scholar|source|study|book|author|research))\b",
    ),
    # The link would be made up.
    "would_invent": any_of(
        r"\b(?:inventing|making (?:it|things|something) up|disappoint(?:s|ed)?|spoil|tea leaves"
        r"|pulling your leg)\b",
        r"\b(?:advise against|tempt(?:ing|ation)|temptation|overthink|overinterpret\w*)\b",
        r"\b(?:invent|make (?:something |it |one |a \S+ )?up|made[ -]up|fabricate|forced|contrived"
        r"|artificial|concoct|pretend|manufacture)\b",
        r"\b(?:i|we) (?:won't|will not|wouldn't|refuse|decline|would rather not|'d rather not"
        r"|'m not"
        r" going to|am not going to)\b|\brather not\b",
        r"\b(?:like|as well) (?:asking|comparing|ask|compare)\b",
        r"\b(?:would|'d) (?:just |only |merely )?be (?:a stretch|nonsense|wrong|absurd|silly"
        r"|mislead)",
        r"\b(?:roll your eyes|far-fetched|temptation|read(?:ing)? (?:anything|too much) into)\b",
        r"\b(?:premise|assum\w+)\b.*\b(?:not|[a-z]+n't|wrong|false|mistaken|faulty)\b",
    ),
    # A word, a letter, a coincidence.
    "only_word": any_of(
        r"\bshare is (?:a|an|the|one)\b.*\b(?:letter|vowel|word|name|syllable|sound|continent"
        r"|planet|prompt)\b",
        r"\b(?:coincidences?|coincidental|by (?:accident|chance)|(?:an|the|is|pure) (?:accident"
        r"|chance)|wordplay|play on words|puns?|homonyms?|namesakes?|happens? to (?:share"
        r"|stand))\b",
        r"\b(?:shared?|common|same) (?:word|noun|name|adjective|spelling|letter|label|sound)\b",
        r"\b(?:letters?|prefix|syllables?|initials?|etymolog\w+)\b|\babout (?:that|the) name\b",
        r"\bstart(?:s)? with\b|\bstart(?:s)? with (?:a|the)\b|\bbegins? with (?:a|the)\b"
        r"|\bin name only\b",
    ),
    "only_that": any_of(
        r"\b(?:that's|that is|this is) (?:about )?(?:where it ends|all|as far as it goes|it)\b",
        r"\bthe end of (?:the list|the story|it|that)\b|\b(?:only|sole) (?:\S+ )?(?:place|thing"
        r"|link|point|overlap)"
        r" (?:that |where |which )?(?:they|the two|these)\b|\bi'd leave it\b",
        r"\b(?:full stop|period|end of story|leave it at that)\W*$|\bskin-deep\b",
        r"\bshare a (?:line|sentence|prompt|message)\b|\bside by side\b",
        r"\bends? (?:there|here|with)\b|\bas far as it (?:goes|gets)\b|\bwhere it ends\b",
        r"\b(?:nothing|no \S+|none) (?:but|beyond|except|other than|more than|besides|else)\b",
        r"\b(?:only|merely|just) (?:thing|because|in (?:your|the) (?:message|prompt|question))\b",
        r"\bonly for (?:your )?(?:convenience|reference)\b|\bnothing more\b|\bnothing else\b",
    ),
    # True of everything, so it says nothing.
    "true_of_all": any_of(
        r"\bby (?:that|this) (?:logic|measure|standard|token)\b|\beverything is (?:related"
        r"|connected|linked)\b",
        r"\btrue of (?:half|most|almost|nearly|all|any|every)\b|\bthen so (?:does|do|is|are)\b",
        r"\bso (?:is|are|do|does|can|could|has|have) (?:there |it |they )?(?:\S+ )?(?:in )?"
        r"(?:a|an|every|everything|any|most|all|yours|thousands|half|plywood|cakes?)\b",
        r"\b(?:any|every) (?:two things|other|pair|hobby|object|thing|topic|subject)\b",
        r"\bbetween any\b|\b(?:connect|compared?|link)\w* (?:\S+ )?with everything\b",
        r"\b(?:the )?same (?:could|can|may|might) be said (?:of|about)\b",
        r"\b(?:the )?(?:kind|sort) of (?:link|connection|parallel)\b",
    ),
    # The first does nothing to the second.
    "no_effect": any_of(
        r"\b(?:remove|take away|without|delete)\b.*\b(?:wouldn\'t|would not|won\'t"
        r"|nothing)\b.*\b(?:notice|change[sd]?|differ\w*|miss)\b",
        r"\b(?:A|B) minds? (?:its|their) own\b",
        rf"\b(?:A|B)\b{GAP}\b{NO}\b{GAP}\b(?:A|B)\b",
        rf"\b{NO}\b{GAP}\b(?:A|B)\b{GAP}\b(?:A|B)\b",
        r"\bneither\b.*\b(?:the other|nor|explains?|influences?|affects?|need(?:s|ed)?|depends?)\b",
        r"\b(?:exactly|just|quite) (?:the same|as well|as fine)\b.*\b(?:without|never|if)\b",
        r"\bdid(?:n't| not)\W*$|\b(?:[a-z]+n't|not) mix\b",
        r"\b(?:neither|nor)\b[^.;!?]*\b(?:the other|from the other|the reverse|vice versa"
        r"|a thing)\b",
        r"\bwithout (?:ever )?(?:\S+ing) (?:a word|each other|the other)\b|\bgot along without\b",
        r"\b(?:not|[a-z]+n't|no|never|nor) (?:\S+ ){0,3}(?:siblings?|cousins?|kin|family"
        r"|relatives?|twins?)\b",
        r"\bone\b[^.;!?]*\b(?:never|no|not|nothing|[a-z]+n't)\b[^.;!?]*\b(?:the )?other\b",
    ),
    "no_evidence": any_of(
        r"\b(?:wives\' tale|legend|rumou?r|fairy tale|hearsay|survive a look|rule(?:s|d)? (?:it"
        r"|that|this) out)\b",
        r"\bby the time (?:the )?(?:A|B)\b",
        r"\b(?:no|not any|without|lacks?|little) (?:\S+ )?(?:evidence|proof|difference|effect"
        r"|increase|association|basis|grounds?|support)\b",
        r"\bjust as (?:often|common|many|likely)\b|\bwithout (?:a |any )?(?:basis|foundation"
        r"|evidence)\b",
        r"\b(?:spurious|unfounded|groundless|baseless|unsupported|unproven|implausible|fictional"
        r"|imaginary|bogus)\b|\b(?:not|[a-z]+n't) (?:mean|follow|make (?:them|it|these))\b",
        r"\b(?:nice|good|pretty) story\b|\b(?:false|wrong|untrue)\b",
        r"\b(?:myth|hoax|misconception|retracted|debunked|disproved|refuted|urban legend)\b",
        r"\b(?:not|[a-z]+n't) (?:bear (?:it|this|that) out|support(?:ed)?|hold(?:s)?(?: up| water)?"
        r"|stand(?:s)? up|borne out|confirm(?:ed)?)\b",
        r"\bno (?:higher|greater|increased|lower|more) (?:\S+ )?(?:risk|rate|chance|likely)\b",
    ),
    "no_comparison": any_of(
        r"\b(?:choosing|choice|comparison|comparing|question)\b.*\b(?:meaningless|pointless"
        r"|no answer|no sense|absurd)\b",
        r"\b(?:do not|don\'t|doesn\'t) compete\b",
        rf"\b{NO}\b{GAP}\b(?:compar\w+|yardstick|axis|scale|ranked|criterion|versus)\b",
        r"\bcompar\w+\b.*\b(?:no sense|not meaningful|n't meaningful|pointless|meaningless|futile"
        r"|absurd|nonsense)\b|\bapples (?:and|to|with) (?:oranges|pears)\b|\bincomparable\b",
    ),
}

CONTRASTS = {
    "one_other": any_of(
        r"\bone (?:is|being|belongs?|concerns?|deals?|was|has|in|works?|lives?|sits?)\b.*"
        r"\b(?:the other|another|one in)\b",
        r"\bthe (?:one|first) (?:is|a|an|belongs?|has|in)\b.*\bthe (?:other|second)\b",
        r"\b(?:here|on one side)\b.*\b(?:there|on the other)\b",
    ),
    "whereas": any_of(
        r"\bA\b.*\b(?:whereas|while|but|and)\b.*\bB\b (?:is|are|was|were|belongs?|has)\b",
        r"\b(?:whereas|on the other hand|in contrast|by contrast)\b",
    ),
}
