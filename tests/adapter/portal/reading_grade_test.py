#!/usr/bin/env python3
"""The portal's words are for somebody who is ill and has little schooling: no screen is above grade 8 by either of two
formulas, in either language. A screen is the words whose names begin alike; names of hospitals are left out.

English: Flesch-Kincaid (https://apps.dtic.mil/sti/citations/ADA006655) and SMOG (McLaughlin 1969). Spanish:
Fernández-Huerta (1959) and Szigriszt-Pazos (1993), which give 0 to 100; from 60 on is grade 8 or below.

    reading_grade_test.py ROOT
"""
import math
import re
import sys
import unittest
from pathlib import Path

GRADE_MAX = 8
EASE_MIN = 60
# Together in one reading: what a patient has before them from one click to the next.
SCREENS = {
    "start": "Start|Pressed|SeeMine|LeaveNow", "where and to whom": "Where|To[HT]|PickOne|SourceDown|TryAgain",
    "question": "Question",
    "check": "Check|Who|Why$|WhySecond|Your|No[QP]|What|Until|How|Change$|Should|Own|Nothing|May|Confirm",
    "hand-off": "HandOff|Declined|WrongAnswer|SignIn|Over|Ends|Stay[S]|WrongPerson",
    "progress": "Progress|Step|Uncertain|Again",
    "held": "Held|Failed|NotFound|TooMany|Left", "choose": "Choose|Group|Hint|Private|Why[DMHSVG]",
    "preview": "Preview|Changed|Stay[NDOPMUWR]",
    "receipt": "Sent|Proof", "sharing": "Sharing|State", "stop": "Stop|Delete",
    "opinion": "Opinion", "letter": "Letter", "history": "History|Did|Done|By|They|We[AB]",
    "for somebody else": "Act"}


def texts_of(root, language):
    portal = Path(root) / "adapter" / "portal"
    source = "".join((portal / name).read_text(encoding="utf-8")
                     for name in (f"words_{language}_start.h", f"words_{language}.cpp"))
    rows = re.findall(r'\{Word::(\w+),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\}', source)
    return {name: "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', pieces)) for name, pieces in rows}


def sentences(texts):
    """Each text ends a sentence, as a heading does; what is filled in is a name."""
    whole = " ".join(re.sub(r"\{\w+\}", "Ann", text) + "." for text in texts)
    return [part for part in re.split(r"[.!?:]+", whole) if re.search(r"\w", part)]


def words(parts):
    return re.findall(r"[A-Za-zÀ-ÿ]+(?:[’'][a-z]+)?", " ".join(parts))


def syllables_en(word):
    word = re.sub(r"[^a-z]", "", word.lower())
    count = len(re.findall(r"[aeiouy]+", word))
    if re.search(r"[^l]e$|[^td]ed$", word) and count > 1:
        count -= 1
    return max(1, count)


def syllables_es(word):
    """Two strong vowels, or an accented weak one, are two; a weak one beside another is one with it."""
    word = re.sub(r"(?<=[qg])u(?=[eiéí])", "", word.lower())
    return max(1, len(re.findall(r"[iuüy]?[aeoáéó][iuüy]?(?![aeoáéó])|[iuü]?[aeoáéó]|[íú]|[iuü]+", word)))


def grades_en(parts):
    all_words = words(parts)
    counts = [syllables_en(word) for word in all_words]
    long_ones = sum(count >= 3 for count in counts)
    return (0.39 * len(all_words) / len(parts) + 11.8 * sum(counts) / len(all_words) - 15.59,
            1.043 * math.sqrt(long_ones * 30 / len(parts)) + 3.1291)


def ease_es(parts):
    all_words = words(parts)
    each = sum(map(syllables_es, all_words)) / len(all_words)
    length = len(all_words) / len(parts)
    return 206.84 - 60 * each - 1.02 * length, 206.835 - 62.3 * each - length


class ReadingGradeTest(unittest.TestCase):
    def screens(self, language):
        texts = texts_of(ROOT, language)
        for name, pattern in SCREENS.items():
            yield name, sentences([text for word, text in texts.items() if re.match(pattern, word)])

    def test_the_formulas_tell_easy_from_hard(self):
        easy, hard = ["You choose what to share", "You get a receipt"], [
            "Notwithstanding the aforementioned provisions, authorization remains revocable immediately"]
        self.assertLess(max(grades_en(easy)), GRADE_MAX)
        self.assertGreater(min(grades_en(hard)), GRADE_MAX)
        self.assertEqual([syllables_en(word) for word in ("hospital", "choose", "opinion", "table")], [3, 1, 3, 2])
        self.assertEqual([syllables_es(word) for word in ("médico", "opinión", "país", "quién", "cuidado")],
                         [3, 3, 2, 1, 3])

    def test_english_is_at_grade_eight_or_below_on_each_screen(self):
        for name, parts in self.screens("english"):
            with self.subTest(name):
                self.assertLessEqual(max(grades_en(parts)), GRADE_MAX, grades_en(parts))

    def test_spanish_is_as_easy_on_each_screen(self):
        for name, parts in self.screens("spanish"):
            with self.subTest(name):
                self.assertGreaterEqual(min(ease_es(parts)), EASE_MIN, ease_es(parts))

    def test_sentences_are_short(self):
        for language in ("english", "spanish"):
            for name, parts in self.screens(language):
                lengths = [len(words([part])) for part in parts]
                self.assertLessEqual(sum(lengths) / len(lengths), 20, (language, name))
                self.assertLessEqual(max(lengths), 30, (language, name))

    def test_no_word_is_on_no_screen(self):
        apart = {"ServiceName", "MySharing", "Back", "Continue", "RunBy", "Help", "Leave", "StartAgain"}
        for word in texts_of(ROOT, "english"):
            if word not in apart:
                self.assertTrue(any(re.match(pattern, word) for pattern in SCREENS.values()), word)


if __name__ == "__main__":
    ROOT = sys.argv.pop(1)
    unittest.main()
