"""The answers that a question offers, for a reader who would rather pick than type."""

import re

LONGEST = 11  # words: what is longer is no answer to pick but a part of the question
ASKING = ("will ", "which ", "what ", "how ", "does ", "do ")  # how questions go on, not answers
OPENING = re.compile(r"^(?:is it|is that|is there|or|.+ as large as) ")
ASIDE = re.compile(r", as [^,?]+(?=,)")  # "worse, as it has more to learn, or better"
NUMBER = r"(?:± )?\d[\d.,]*(?: %)?"
LISTS = (  # the ways in which a question lists its answers, the surest first
    re.compile(r": ([^:?]+ or [^:?]+)\?"),  # "more: a, b or c?"
    re.compile(r": ([^:?.]+, [^:?.]+)\. Which "),  # "Four changes: a, b, c, d. Which is best?"
    re.compile(r"\b(by [^,?]+, by [^,?]+,? or by [^?]+)\?"),
    re.compile(rf"(?<![\w.,])((?:{NUMBER}, )+{NUMBER} or {NUMBER})\b"),
    re.compile(r"\b(\w+, \w+, or is there [^,?]+)\?"),
)
EITHER = re.compile(r"\bbe (\w+) or (\w+)\b")
OF_TWO = re.compile(r"Which of the two [^?]+\?")
YES_OR_NO = re.compile(r"(?:^|[.:] )(?:Will|Is|Are|Can|Does) [^?]+\?$")


def choices(question: str) -> list[str]:
    """Return the choices of a question; none where it names none."""
    line = re.sub(r"\n> ?", " ", question).strip()
    plain = ASIDE.sub("", re.sub("[*`]", "", line))
    if found := listed(plain):
        return found
    if either := EITHER.search(plain):
        return [either[1], either[2]]
    names = list(dict.fromkeys(re.findall(r"`([^`]+)`", line)))
    if OF_TWO.search(plain) and len(names) == 2:
        return names
    return ["yes", "no"] if YES_OR_NO.search(plain) and " or " not in plain else []


def listed(plain: str) -> list[str]:
    """The answers of the first list that is one."""
    for kind in LISTS:
        for text in kind.findall(plain):
            found = parts_of(text.strip())
            is_short = all(len(each.split()) <= LONGEST for each in found)
            if is_short and not text.lower().startswith(ASKING):
                return found
    return []


def parts_of(text: str) -> list[str]:
    """A list cut up; where a comma stands before "or", an "or" without one is part of an answer."""
    between = r", or |, " if ", or " in text else r", | or "
    return [OPENING.sub("", each) for each in re.split(between, text)]
