"""Files of questions of other programs: what is read, and what the report says."""

from __future__ import annotations

import base64

import pytest

from quizzes.importers.base import CannotRead
from tests.support.images import picture
from tests.support.quiz_files import kinds, outcomes, read
from tests.support.sounds import tone

AIKEN = """What is the meaning of le chien?
A. cat
B. dog
ANSWER: B

Which letter comes
first?
A) a
B)b
C) c
ANSWER: A

No answer here
A. x
B. y

Wrong letter
A. x
B. y
ANSWER: D
"""


@pytest.mark.parametrize("name", ["", "aiken"])
def test_it_reads_aiken(name: str) -> None:
    imported = read(AIKEN, name)
    assert kinds(imported) == [("choice", ("cat", "dog"), ("dog",)), ("choice", ("a", "b", "c"), ("a",))]
    assert imported.questions[1].text == "Which letter comes\nfirst?"
    assert outcomes(imported) == [(1, "read"), (6, "read"), (13, "skipped"), (17, "skipped")]
    assert imported.rows[2].notes == ("The line with ANSWER is missing.",)


GIFT = r"""$CATEGORY: French

// A comment
::Dog::What is le chien? {=dog ~cat#No, that is le chat ~cow}

::Fruits:: Which are fruits? {
    ~%50%pomme
    ~%50%poire
    ~%-100%pain
#### Bread is no fruit.}

Two plus two is {=4 =four} in French.

2 \= 1 + 1 {T}

[html]<p>Pi &amp; more?</p> {#3.14:0.01}

Between? {#1..5}

An essay. {}

Just a description.

Match. {=a -> b =c -> d =e -> f}

Numbers {=1 -> one =2 -> two =3 -> three}
"""


@pytest.mark.parametrize("name", ["", "gift"])
def test_it_reads_gift(name: str) -> None:
    imported = read(GIFT, name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat", "cow"), ("dog",)),
        ("multi", ("pomme", "poire", "pain"), ("pomme", "poire")),
        ("typed", (), ("4", "four")),
        ("true_false", ("True", "False"), ("True",)),
        ("number", (), ("3.14",)),
        ("number", (), ("3",)),
        ("order", ("f", "d", "b"), ("b", "d", "f")),
        ("order", ("one", "three", "two"), ("one", "two", "three")),
    ]
    texts = [question.text for question in imported.questions]
    assert texts[:2] == ["What is le chien?", "Which are fruits?"]
    assert texts[2:5] == ["Two plus two is ____ in French.", "2 = 1 + 1", "Pi & more?"]
    assert imported.questions[1].explanation == "Bread is no fruit."
    assert [question.tolerance for question in imported.questions[4:6]] == [0.01, 2.0]
    assert texts[6:] == ["Match.\n1. a\n2. c\n3. e", "Numbers"]
    assert sum(row.outcome == "skipped" for row in imported.rows) == 2


def test_gift_gives_points_for_wholly_right_numbers_alone_and_reads_each_answer_in_its_format() -> None:
    imported = read(
        "When? {#=1822:0 =%50%1820:2 ~1800#Too early}\n\n[plain]a < b? {=[html]<b>yes</b> =[plain]<no>}", "gift"
    )
    assert kinds(imported) == [("number", (), ("1822",)), ("typed", (), ("yes", "<no>"))]
    assert imported.questions[0].tolerance == 0
    assert imported.rows[0].notes == (
        "What is said about single answers was left out.",
        "Answers for a part of the points were left out.",
    )
    assert imported.questions[1].text == "a < b?"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Match. {=a -> x =b -> x}", "gift"),
        (
            '<quiz><question type="matching"><questiontext><text>Match.</text></questiontext>'
            "<subquestion><text>a</text><answer><text>x</text></answer></subquestion>"
            "<subquestion><text>b</text><answer><text>x</text></answer></subquestion></question></quiz>",
            "moodle",
        ),
    ],
)
def test_a_match_whose_sides_are_all_the_same_is_skipped(text: str, name: str) -> None:
    imported = read(text, name)
    assert imported.rows[0].notes == ("All sides of this match are the same, so that there is nothing to choose.",)
    assert imported.count == 0


MOODLE = """<?xml version="1.0" encoding="UTF-8"?>
<quiz>
 <question type="category"><category><text>French</text></category></question>
 <question type="multichoice"><questiontext format="html"><text><![CDATA[<p>Le&nbsp;<b>chien</b>?</p>]]></text>
  </questiontext><generalfeedback format="html"><text>Woof</text></generalfeedback><single>true</single>
  <answer fraction="100"><text>dog</text></answer><answer fraction="0"><text>cat</text></answer></question>
 <question type="multichoice"><questiontext format="plain_text"><text>Fruits?</text></questiontext>
  <single>false</single>
  <answer fraction="50"><text>pomme</text></answer><answer fraction="50"><text>poire</text></answer>
  <answer fraction="-100"><text>pain</text></answer></question>
 <question type="truefalse"><questiontext><text>2 = 2</text></questiontext>
  <answer fraction="100"><text>true</text></answer><answer fraction="0"><text>false</text></answer></question>
 <question type="shortanswer"><questiontext><text>Cat?</text></questiontext><usecase>1</usecase>
  <answer fraction="100"><text>chat</text></answer><answer fraction="50"><text>chatte</text></answer></question>
 <question type="numerical"><questiontext><text>Pi?</text></questiontext>
  <answer fraction="100"><text>3.14</text><tolerance>0.01</tolerance></answer></question>
 <question type="essay"><questiontext><text>Write.</text></questiontext></question>
</quiz>"""


@pytest.mark.parametrize("name", ["", "moodle"])
def test_it_reads_moodle_xml(name: str) -> None:
    imported = read(MOODLE, name)
    assert kinds(imported) == [
        ("choice", ("dog", "cat"), ("dog",)),
        ("multi", ("pomme", "poire", "pain"), ("pomme", "poire")),
        ("true_false", ("True", "False"), ("True",)),
        ("typed", (), ("chat",)),
        ("number", (), ("3.14",)),
    ]
    assert imported.questions[0].text == "Le chien?"
    assert imported.questions[0].explanation == "Woof"
    assert imported.questions[3].grading.case == "strict"
    assert imported.questions[4].tolerance == 0.01
    assert imported.rows[-1].notes == ("Questions of the type “essay” cannot be played here.",)


def test_it_reads_a_match_and_the_image_of_a_question_in_moodle_xml() -> None:
    image = base64.b64encode(picture()).decode()
    imported = read(
        f"""<quiz>
 <question type="matching"><questiontext format="html"><text><![CDATA[<p>Match.</p>
  <img src="@@PLUGINFILE@@/my%20dog.png"><img src="@@PLUGINFILE@@/cat.png">]]></text>
  <file name="my dog.png" path="/" encoding="base64">{image}</file></questiontext>
  <subquestion format="html"><text><![CDATA[<b>chien</b>]]></text><answer><text>dog</text></answer></subquestion>
  <subquestion format="html"><text>chat</text><answer><text>cat</text></answer></subquestion>
  <subquestion format="html"><text></text><answer><text>cow</text></answer></subquestion></question>
 <question type="shortanswer"><questiontext format="html"><text>&lt;img src="@@PLUGINFILE@@/a.png"&gt; Cat?</text>
  <file name="a.png" encoding="base64">no image</file></questiontext>
  <answer fraction="100"><text>chat</text></answer></question>
</quiz>"""
    )
    match, typed = imported.questions
    assert (match.kind, match.correct_answers) == ("order", ("dog", "cat"))
    assert match.text.splitlines()[0] == "Match."
    assert match.text.splitlines()[-2:] == ["1. chien", "2. chat"]
    assert list(imported.images) == [match.media]
    assert imported.rows[0].notes == ("An image was left out.", "An answer that goes with nothing was left out.")
    assert (typed.text, typed.media) == ("Cat?", "")
    assert imported.rows[1].notes == ("An image was left out.",)


@pytest.mark.parametrize(
    "data",
    [
        '<!DOCTYPE quiz [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><quiz>&b;</quiz>',
        '<!DOCTYPE quiz SYSTEM "file:///etc/passwd"><quiz/>',
        "<quiz>",
        "<html/>",
    ],
)
def test_it_refuses_xml_that_is_an_attack_or_broken(data: str) -> None:
    with pytest.raises(CannotRead):
        read(data, "moodle")


def test_the_first_sound_of_a_moodle_question_is_kept_and_the_others_are_told_of() -> None:
    def question(name: str, more: str = "") -> str:
        said = base64.b64encode(tone()).decode()
        return (
            '<question type="shortanswer"><questiontext format="html"><text><![CDATA[<p>Hear: '
            f'<audio src="@@PLUGINFILE@@/{name}"></audio>{more}</p>]]></text>'
            f'<file name="a b.wav" path="/" encoding="base64">{said}</file>'
            '</questiontext><answer fraction="100"><text>cat</text></answer></question>'
        )

    other = '<audio src="@@PLUGINFILE@@/a%20b.wav"></audio>'
    file = "".join(["<quiz>", question("a%20b.wav"), question("no.wav"), question("a%20b.wav", other), "</quiz>"])
    imported = read(file.encode(), "moodle")
    (address,) = imported.sounds
    assert [(one.sound, one.listen) for one in imported.questions] == [
        (address, "beside"),
        ("", ""),
        (address, "beside"),
    ]
    assert [row.notes for row in imported.rows] == [(), ("A sound was left out.",), ("A sound was left out.",)]
