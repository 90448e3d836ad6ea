"""The words that stand in and around citations of telegrams, as patterns: carriers, numbers, dates, addressees, levels, paragraphs, references to notes.

All are linear: no repetition in another, and an end to each.
"""

from __future__ import annotations

import re
from typing import Final

#: Words for a telegram in the languages of the literature; ``Embtel`` and ``Deptel`` are those of the Department's volumes.
WORD: Final = (
    r"(?:(?:[Ee]mbassy |[Cc]onsulate |[Mm]ission |[Dd]epartment |[Dd]iplomatic |[Ll]eaked |[Cc]lassified |[Uu]nclassified |[Ss]ecret |[Cc]onfidential |[Cc]ircular |US |U\.S\. )?"
    r"(?:[Cc]ables?|CABLES?|[Cc]ablegrams?|[Tt]elegrams?|TELEGRAMS?|[Tt]els?|TELS?|[Mm]essages?|MESSAGE|[Mm]sgs?|[Ee]mbtels?|[Dd]eptels?|[Cc]ontels?|[Rr]eftels?|[Tt]elnos?|[Tt]elegramme?|[Kk]abel|[Dd]epesche"
    r"|[Dd]rahtbericht|[Ff]ernschreiben|[Tt]élégrammes?|[Cc]âbles?|[Tt]elegramas?|[Tt]elegrammi?a?|[Tt]elegrammet|[Tt]elegrammer)\b\.?(?: (?:diplomatique|diplomático|diplomatico|confidentiel|confidencial|segreto|secreto|secret)(?= ))?)"
)
NUMBER_SIGN: Final = r"(?:[Nn]umbers?|[Nn]umbered|[Nn]os?\.|(?:N[Oo]s?|(?<=, )nos?|(?<=[aelm] )no)(?= \d| ?\Z)|[Nn]rs?\b\.?|[Nn]°|[Nn]º|[Nn]\.º|[Nn]\.(?= ?\d| ?\Z)|[Nn]úm\.|[Nn]um\.|[Nn][uú]m[eé]ro|[Nn]ummer|№|#|[Ss]erial(?: no\.| number)?|MRN:?)"
ANY_WORD: Final = re.compile(WORD)
#: Where a note or a sentence ends.
BREAK: Final = re.compile(r"[;\n]|[.!?][\"')\]]* (?=[A-Z\"(])")
#: Before a year or a date that is not that of what is cited.
ON: Final = re.compile(r"\b(?i:on|by|in|since|until|before|after|between|accessed|published) \Z")
#: What stands directly before a number of a telegram.
WORD_BEFORE: Final = re.compile(rf"(?<![\w-])(?:(?P<word>{WORD})[ ,:(]{{0,3}})?(?P<sign>{NUMBER_SIGN})?[ :]{{0,2}}\Z")
#: The name of a series of an archive or a book, before a year: ``Electronic Telegrams, 1976``.
SERIES: Final = re.compile(r"\b(?:[A-Z][a-z]+ )?(?:Telegrams|Cables|Messages), \Z")
IN_SERIES: Final = re.compile(r"(?:19|20)\d\d(?!\w)|\d{1,2}(?:/|[,;.]|$)")
#: The word behind it: ``the Praia 101 cable``.
WORD_AFTER: Final = re.compile(r" (?:[Cc]able|[Tt]elegram|[Tt]el\.|[Mm]essage)(?![\w-])")
#: ``07KARACHI861``, ``1975NEWDE14031_b``, ``75TEHRAN02069``, ``07Karachi861``; also with one sign between its parts, as in names of files.
ID: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:(?P<year>(?:19|20)\d\d|\d\d)(?P<post>[A-Z]{3,24}|[A-Z]?[a-z]{3,24})(?P<number>\d{1,6})(?P<suffix>_[a-z]\d?)?"
    r"|(?P<post3>[A-Z]{4,24})(?P<sign3>[-_./])(?P<year3>\d\d)(?P=sign3)(?P<number3>\d{2,6})"
    r"|(?P<year2>(?:19|20)\d\d|\d\d)(?P<sign>[-_./+])(?P<post2>[A-Z]{3,24}|[A-Z]?[a-z]{3,24})(?P=sign)(?P<number2>\d{1,6}))(?![A-Za-z0-9])"
)
SEPARATOR: Final = re.compile(r"[ ,:()\[\]/|-]{0,4}")
GLUE: Final = re.compile(r"(?:'s)?(?: and)?")
TITLE: Final = re.compile(
    r'(?:[Ss]ubject|[Ss]ubj\.?|SUBJECT|SUBJ|[Rr]e|[Bb]etreff|[Bb]etr\.|[Oo]bjet|[Aa]sunto|[Oo]ggetto|[Tt]itled|[Ee]ntitled|[Hh]eaded|under the (?:heading|title))?:? ?"(?P<title>[^"\n]{3,300})"'
)
#: The same in the single marks of British print.
TITLE_SINGLE: Final = re.compile(
    r"(?:[Ss]ubject:? |[Tt]itled |[Ee]ntitled )?'(?P<title>[A-Z](?:[^'\n]|(?<=\w)'(?=\w)){5,300})'(?!\w)"
)
#: Words of a title without marks, up to the comma before a date.
BARE_TITLE: Final = re.compile(r"(?:[Ss]ubject: )?(?P<title>[A-Z][^,;.()\"\n]{7,140}), ")
#: A title behind a number, both in quotation marks: ``"Cable 07PRAIA101: Lamp Oil."``
TITLE_INSIDE: Final = re.compile(r'(?:: |, (?=[A-Z]))(?P<title>[^"\n:][^"\n]{2,200})"(?:[.,](?= ))?')
#: Quotation marks that are open where a number stands.
OPEN_QUOTE: Final = re.compile(r'(?:^|[ (\[\n])"[^"\n]{1,50}\Z')
ITALIC: Final = re.compile(r"(?P<mark>\*{1,2}|_)(?P<title>[A-Z][^*_\n]{5,200})(?P=mark)")
PARAGRAPHS: Final = re.compile(
    r"(?:at |in |here |esp\. |especially )?(?:[Pp]aragraphs?|[Pp]aras?\.?|PARAS?|[Pp]ars?\.|[Pp]árrs?\.|[Pp]árrafos?|[Pp]aragraaf|¶{1,2}|§{1,2}|[Aa]bs(?:atz|ätze|\.)|[Zz]iff(?:er|ern|\.))"
    r" ?(?P<list>(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)(?!\w)|\d{1,3}(?![\d])[a-z]?(?: ?(?:-|to|through|,|and|&|, and|und|et|y|e) ?(?:¶ ?)?\d{1,3}(?![\d\w]))*)"
)
RANGE: Final = re.compile(r"(\d{1,3})[a-z]?(?: ?(?:-|to|through) ?(\d{1,3}))?")
LEVEL: Final = re.compile(
    r"(?:classified |marked )?(?P<level>TOP SECRET|SECRET|CONFIDENTIAL|LIMITED OFFICIAL USE|SENSITIVE BUT UNCLASSIFIED|UNCLASSIFIED(?://FOR OFFICIAL USE ONLY|//FOUO)?"
    r"|FOR OFFICIAL USE ONLY|LOU|SBU|FOUO)(?://?[A-Z]{4,8}){0,3}(?=[,;.)\]\n]|$| and (?:dated|sent|signed|drafted|marked)\b)",
    re.IGNORECASE,
)
_LEVELS: Final = r"(?P<level>[Tt]op[ -][Ss]ecret|TOP SECRET|[Ss]ecret|SECRET|[Cc]onfidential|CONFIDENTIAL|[Ll]imited [Oo]fficial [Uu]se|[Uu]nclassified|UNCLASSIFIED)"
_KIND: Final = r"(?:[Cc]ables?|[Cc]ablegrams?|[Tt]elegrams?|[Mm]essages?|[Rr]eports?)"
#: The level as an adjective of what the citation names at once: ``a Secret cable, Praia 101``; ``the confidential telegram from Praia, no. 101``.
LEVEL_BEFORE: Final = re.compile(
    rf"(?<![\w-])(?:(?:[Aa]n?|[Tt]he|[Ii]ts|[Tt]heir|this|that|one) {_LEVELS} (?:US |U\.S\. |American |[Ee]mbassy |diplomatic |leaked )?{_KIND},?:? ?\(?(?:from (?:the )?)?"
    rf"|(?:[Cc]lassified|[Mm]arked|[Ss]tamped) {_LEVELS.replace('level', 'marked')},?(?: and)?(?: (?:dated|sent|of|from))?(?: on)? ?\(?)\Z"
)
#: The same behind it: ``Praia 101, a Secret telegram in which``.
LEVEL_BEHIND: Final = re.compile(rf"an? {_LEVELS} {_KIND}(?!\w)")
HANDLING: Final = re.compile(
    r"(?:Nodis|Exdis|Limdis|Sipdis|Stadis|Noforn|Niact Immediate|Immediate|Priority|Flash|Routine|Eyes Only|Cherokee|Roger Channel|via air pouch)(?=[,;.)\]\n /]|$)",
    re.IGNORECASE,
)
SECTION: Final = re.compile(r"(?:[Ss]ections?|[Ss]ec\.|[Pp]ages?|[Pp]p?\.|[Pp]t\.|[Pp]arts?) ?\d{1,3}(?:(?: of |-)\d{1,3})?")
TIME: Final = re.compile(
    r"(?:\d{4} ?Z|\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp]\.?[Mm]\.?)?(?: ?(?:Z|GMT|UTC))?|\d{1,2} [ap]\.m\.|noon|midnight)(?!\w)"
)
_WEEKDAY: Final = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?"
DATED: Final = re.compile(
    rf"(?:(?:both|all) (?:of |from |dated )?|ca?\. |late |early |mid-|(?:and )?dated:? |(?:and )?(?:sent|signed|filed|written|transmitted|received|drafted) (?:on )?|of |on |from |as of |vom |den |du |del |di |af |av |van |le |el |[Dd]ate ?[:=] ?|DATE: ?|of the )?(?:the )?{_WEEKDAY}"
)
#: That there is no date, or no number: said where it would stand.
UNDATED: Final = re.compile(
    r"(?:n\. ?d\.|undated|no date|date (?:unknown|illegible|not given|uncertain)|s\. ?d\.|o\. ?D\.)(?!\w)"
)
#: A year alone behind a number: ``Praia 101 of 2007``, ``Praia 101 (2007)``.
YEAR: Final = re.compile(
    r"(?:of |from |in |for |sent in |anno |de |von |du |del )?(?P<year>(?:19[6-9]\d|20[0-4]\d)|'\d\d|(?<=\()\d\d(?=\)))(?![\w/-]|[.,:]\d|, \d| \d)"
)
TO: Final = re.compile(
    r"(?:(?:to|To|TO|an|an das|an die|cc|info|repeated to|for|à|au|aux|al|a|ao|til|till|aan)(?P<article> the| The| das| die| le)?:? |-(?=[A-Z])|/(?=[A-Z])|(?:->|→|>)(?: the)? ?)"
)
FROM: Final = re.compile(
    r"(?:(?:both |all |each |sent |received )?(?:both|all|from|From|FROM|of|by|aus|von|der|de|d'|di|da|do|fra|från|van|uit|sent by)(?P<article> the| The| la| La| l'| der)?:? ?)(?<=[ '])"
)
DOCUMENT: Final = re.compile(
    rf"(?:{WORD}|[Dd]oc(?:ument)?\.?(?: {NUMBER_SIGN})?|reference ID|reference|ref\.|MRN|Canonical ID|[Mm]essage [Rr]eference [Nn]umber|{NUMBER_SIGN})(?=[ :,])"
)
#: Where else it is cited, or that it is not there to be read: nothing that could differ.
CROSS: Final = re.compile(
    r"(?:supra|infra|above|below|op\. cit\.|loc\. cit\.|(?P<lost>not (?:printed|found|released|declassified|held|seen|available|located)|withheld|missing|still classified)(?: in (?:full|part))?|attached|ibid\.|previously cited|(?:as )?(?:cited|quoted|mentioned|noted|given)(?: above| earlier| in full)?)?"
    r"(?:,? ?(?:see |at |in )?(?:notes?|nn?\.|fn\.|footnotes?|Anm\.|Fn\.) ?\d{1,4}(?:,? ?(?:above|supra|below|infra))?)?(?<=\w|\.)"
)
#: Addressees that are no posts.
OTHERS: Final = re.compile(
    r"(?:to|To) (?:all (?:[a-z]+ ){0,3}posts|All (?:[A-Z][a-z]+ ){0,3}Posts|(?:the )?(?:White House|President|Secretary|Ambassador|Foreign Office)(?: [A-Z][a-z]+)?)"
)
#: The name of who signed, or to whom it went.
PERSON: Final = re.compile(r"\([A-Z][\w.' ]{1,40}\)")
#: The mark of a note.
MARK: Final = re.compile(r"(?:\[\^?\w{1,8}\]|\^\d{1,3}|[¹²³⁴-⁹⁰]{1,3})(?!\w)")
AND: Final = re.compile(r"(?:, and |, | and | & )(?:the )?")
NUMBERED: Final = re.compile(r" #?\d{2,6}(?!\d)")
FIGURE: Final = re.compile(r",? ?\d{2,}|'s")
