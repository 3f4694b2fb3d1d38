"""A quiz of a word list: every question is fair, and the same seed draws the same quiz."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.rules.content import QuestionContent, content_to_json
from quizzes.rules.generator import (
    DIFFICULTIES,
    EXERCISES,
    LEVELS,
    OPTIONS_LEAST,
    Difficulty,
    Exercise,
    Generated,
    Shortage,
    generate,
)
from quizzes.rules.matching import fold, readings
from quizzes.rules.spelling import find_gap, misspellings
from quizzes.rules.words import WordContent, WordListContent
from quizzes.validation.quiz import validate_quiz
from scoring.rules.grading import grade
from tests.support.word_lists import GERMAN, pairs, word_lists

exercise_sets = st.lists(st.sampled_from(EXERCISES), min_size=1, unique=True)
levels = st.sampled_from(DIFFICULTIES)


def made(
    words: WordListContent, *exercises: Exercise, count: int = 20, seed: int = 0, difficulty: Difficulty = "medium"
) -> Generated:
    return generate(
        words,
        quiz_id="quiz",
        title="Quiz",
        exercises=exercises or EXERCISES,
        count=count,
        seed=seed,
        difficulty=difficulty,
    )


@settings(max_examples=40, deadline=None)
@given(words=word_lists(), exercises=exercise_sets, count=st.integers(1, 25), level=levels, seed=st.integers(0, 9))
def test_every_quiz_is_valid_and_no_longer_than_wished(
    words: WordListContent, exercises: list[Exercise], count: int, level: Difficulty, seed: int
) -> None:
    generated = made(words, *exercises, count=count, difficulty=level, seed=seed)
    quiz = generated.quiz
    assert len(quiz.questions) <= count
    if quiz.questions:
        data = content_to_json(quiz)
        for question in data["questions"]:
            question |= {name: list(question[name]) for name in ("options", "correct_answers", "confusable")}
        assert validate_quiz({**data, "questions": list(data["questions"])}) == quiz
    if len(quiz.questions) < count:
        assert generated.shortages
    assert all(shortage.missing > 0 for shortage in generated.shortages)
    assert generated == made(words, *exercises, count=count, difficulty=level, seed=seed)


@settings(max_examples=40, deadline=None)
@given(words=word_lists(), level=levels, seed=st.integers(0, 9))
def test_no_option_but_the_right_one_could_be_right(words: WordListContent, level: Difficulty, seed: int) -> None:
    generated = made(words, "term_to_meaning", "meaning_to_term", difficulty=level, seed=seed)
    for question in generated.quiz.questions:
        word = words.words[generated.words[question.id]]
        right = question.correct_answers[0]
        assert OPTIONS_LEAST <= len(question.options) <= LEVELS[level].options
        for option in set(question.options) - {right}:
            assert not readings(option) & readings(right)
            if right in word.meanings:
                owners = [other for other in words.words if option in other.meanings]
            else:
                owners = [other for other in words.words if option == other.term]
            for other in owners:
                assert not {fold(text) for text in other.meanings} & {fold(text) for text in word.meanings}


@settings(max_examples=60, deadline=None)
@given(words=word_lists(), level=levels, seed=st.integers(0, 9))
def test_no_wrong_option_would_be_right_if_it_were_typed(words: WordListContent, level: Difficulty, seed: int) -> None:
    generated = made(words, "term_to_meaning", "meaning_to_term", "spelling", difficulty=level, seed=seed)
    for question in generated.quiz.questions:
        word = words.words[generated.words[question.id]]
        accepted = word.meanings if question.correct_answers[0] in word.meanings else (word.term, *word.alternatives)
        typed = replace(question, kind="typed", options=(), correct_answers=accepted)
        language = question.language or generated.quiz.language
        for option in set(question.options) - set(question.correct_answers):
            assert grade(typed, option, language=language).verdict != "correct"


@pytest.mark.parametrize(
    ("language", "term", "same"),
    [
        ("de", "schön", "schoen"),
        ("de", "Straße", "Strasse"),
        ("de", "der Hund, -e", "Hund"),
        ("de", "Lehrer/in", "Lehrerin"),
        ("en", "colour/color", "color"),
        ("en", "(to) go", "go"),
        ("en", "e-mail", "email"),
        ("en", "big; large", "large"),
        ("fr", "cœur", "coeur"),
        ("fr", "de l'eau", "eau"),
        ("fr", "étudiant/e", "étudiante"),
        ("es", "bueno, -a", "buena"),
        ("pt", "menino(a)", "menina"),
        ("ja", "話（はなし）", "はなし"),
        ("zh", "学生(學生)", "學生"),
        ("ar", "الكتاب", "كِتَاب"),
        ("ar", "١٢", "12"),
        ("ru", "ёлка", "елка"),
    ],
)
def test_another_way_to_write_a_word_is_no_wrong_option_for_it(language: str, term: str, same: str) -> None:
    typed = QuestionContent("q", "typed", "?", correct_answers=(term,))
    assert grade(typed, same, language=language).verdict == "correct"
    others = [f"w{number} = m{number}" for number in range(4)]
    words = pairs(f"{term} = one thing", f"{same} = another", *others, term_language=language)
    assert same not in only(words, "meaning_to_term", term).options
    backwards = pairs(f"one = {term}", f"two = {same}", *others, term_language=language)
    assert same not in only(backwards, "term_to_meaning", "one").options


@settings(max_examples=40, deadline=None)
@given(words=word_lists(), seed=st.integers(0, 9))
def test_a_typed_question_accepts_all_that_is_right_and_nothing_it_warns_of(words: WordListContent, seed: int) -> None:
    generated = made(words, "type_term", "type_meaning", seed=seed)
    for question in generated.quiz.questions:
        word = words.words[generated.words[question.id]]
        language = question.language or generated.quiz.language
        own = word.meanings if set(word.meanings) <= set(question.correct_answers) else (word.term,)
        for answer in own:
            assert grade(question, answer, language=language).verdict == "correct"
        assert not set(question.confusable) & set(question.correct_answers)
        rules = words.grading
        # The list's rules for articles and capitals are those of its terms' language.
        assert question.grading == (replace(rules, articles="optional", case="ignore") if question.language else rules)


@settings(max_examples=25, deadline=None)
@given(words=word_lists(), seed=st.integers(0, 9))
def test_no_exercise_asks_for_a_word_twice(words: WordListContent, seed: int) -> None:
    for exercise in EXERCISES:
        if exercise != "match":
            sources = list(made(words, exercise, count=100, seed=seed).words.values())
            assert len(sources) == len(set(sources))


def only(words: WordListContent, exercise: Exercise, term: str) -> QuestionContent:
    """The one question of an exercise that asks for a word."""
    generated = made(words, exercise, count=500)
    (question,) = [
        question for question in generated.quiz.questions if words.words[generated.words[question.id]].term == term
    ]
    return question


def test_a_word_that_shares_a_meaning_is_accepted_and_never_a_wrong_option() -> None:
    question = only(GERMAN, "type_term", "groß")
    assert question.correct_answers == ("groß", "riesig")
    assert {"klein", "der Hund"} <= set(question.confusable)
    for seed in range(30):
        for choice in made(GERMAN, "meaning_to_term", count=100, seed=seed).quiz.questions:
            # Two options of one meaning would show that neither is right.
            assert not {"groß", "riesig"} <= set(choice.options)
            assert not {"gehen", "laufen"} <= set(choice.options)


def test_two_spellings_of_one_word_accept_each_others_meanings() -> None:
    words = pairs("die Bank = bank", "Bank = bench", "das Haus = house")
    assert only(words, "type_meaning", "die Bank").correct_answers == ("bank", "bench")


def test_answers_in_the_other_language_say_so() -> None:
    assert only(GERMAN, "type_meaning", "der Hund").language == "en"
    assert only(GERMAN, "type_term", "der Hund").language == ""
    assert made(GERMAN).quiz.language == "de"


def test_distractors_are_of_like_kind_where_the_level_is_hard() -> None:
    kinds = [("noun", ["ant", "bee", "cow", "dog", "elk"]), ("verb", ["run", "sit", "fly", "dig", "eat"])]
    words = WordListContent(
        "list",
        "List",
        words=tuple(WordContent(f"t{term}", (term,), part_of_speech=kind) for kind, terms in kinds for term in terms),
    )
    nouns = set(kinds[0][1])
    for question in made(words, "term_to_meaning", count=10, difficulty="hard").quiz.questions:
        assert (set(question.options) <= nouns) == (question.correct_answers[0] in nouns)


def test_pasted_verbs_stand_among_verbs_though_nothing_says_what_they_are() -> None:
    verbs = {"to go", "to eat", "to see", "to run", "to sit"}
    words = pairs(*(f"w{meaning} = {meaning}" for meaning in (*sorted(verbs), "dog", "cat", "ant", "cow", "bee")))
    for question in made(words, "term_to_meaning", count=10, difficulty="hard").quiz.questions:
        assert (set(question.options) <= verbs) == (question.correct_answers[0] in verbs)


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ("Der Hund bellt.", ("____ bellt.", "Der Hund")),
        ("Ein Hund bellt.", ("Ein ____ bellt.", "Hund")),
        ("Die {Hunde} bellen.", ("Die ____ bellen.", "Hunde")),
        ("Das Hundehaus ist leer.", None),
        ("Niemand da.", None),
        ("", None),
    ],
)
def test_it_finds_the_word_in_its_example(example: str, expected: tuple[str, str] | None) -> None:
    assert find_gap(WordContent("der Hund", ("dog",), example=example)) == expected


def test_it_finds_a_word_in_a_script_without_spaces() -> None:
    assert find_gap(WordContent("猫", ("cat",), example="黒い猫がいる。")) == ("黒い____がいる。", "猫")


@given(st.text("abceéßghilmnostu", min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_a_misspelling_is_never_the_word_itself(word: str, chance: object) -> None:
    assert all(wrong.casefold() != word.casefold() for wrong in misspellings(word, chance))  # type: ignore[arg-type]


def test_a_misspelling_is_never_another_word_of_the_list() -> None:
    words = pairs("schön = beautiful", "schon = already", "Straße = street")
    for seed in range(10):
        for question in made(words, "spelling", seed=seed).quiz.questions:
            assert not {"schön", "schon"} <= set(question.options)


@pytest.mark.parametrize(
    ("lines", "exercise", "shortage"),
    [
        (["a = b"], "term_to_meaning", Shortage("term_to_meaning", "distractors", 2, 5, 0)),
        (["a = b", "c = d"], "meaning_to_term", Shortage("meaning_to_term", "distractors", 1, 5, 0)),
        (["a = b", "c = d"], "type_term", Shortage("type_term", "words", 3, 5, 2)),
        (["a = b", "c = d"], "match", Shortage("match", "words", 1, 5, 0)),
        (["gehen = go | Wir gehen."], "cloze", Shortage("cloze", "examples", 4, 5, 1)),
        (["猫 = cat"], "spelling", Shortage("spelling", "letters", 5, 5, 0)),
    ],
)
def test_it_says_how_much_is_missing(lines: list[str], exercise: Exercise, shortage: Shortage) -> None:
    assert made(pairs(*lines), exercise, count=5).shortages == (shortage,)


def test_the_exercises_take_turns() -> None:
    kinds = [question.kind for question in made(GERMAN, "term_to_meaning", "type_term", count=6).quiz.questions]
    assert kinds == ["choice", "typed"] * 3


def test_another_seed_draws_another_quiz() -> None:
    quizzes = {made(GERMAN, count=10, seed=seed).quiz for seed in range(5)}
    assert len(quizzes) == 5


def test_the_explanation_shows_the_sentence_without_its_braces() -> None:
    question = only(GERMAN, "cloze", "gehen")
    assert question.correct_answers[0] == "gehe"
    assert "Ich gehe nach Hause." in question.explanation
    assert replace(question, explanation="").text.startswith("Fill the gap: Ich ____ nach Hause.")
