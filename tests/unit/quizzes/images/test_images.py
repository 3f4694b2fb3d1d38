"""Images: what is taken in, what is given out, and what becomes of it."""

from __future__ import annotations

import base64
import io
import json
import struct
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil
from rest_framework.test import APIClient

from quizzes.images.sanitizing import NoImage, read_image
from quizzes.models import Image, Question, Quiz, Word, WordList
from quizzes.rules import limits
from quizzes.rules.content import QuestionContent, QuizContent, content_to_json
from quizzes.rules.words import WordContent, WordListContent
from quizzes.services.quizzes import quiz_create, quiz_delete
from quizzes.services.word_lists import word_list_create
from sessions.database.retention import delete_unused_images
from sessions.models import QuizSession
from tests.support.images import opened, picture

URL = "/api/v1/images"


def png_of_size(width: int, height: int) -> bytes:
    """The header of a PNG of many pixels: what a bomb of some bytes looks like before it is unpacked."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_common_format_becomes_webp(kind: str) -> None:
    image = read_image(picture(kind), max_bytes=0)
    assert (image.width, image.height) == (60, 40)
    assert opened(image.data).format == "WEBP"
    assert image.address == f"/images/{image.digest}.webp"


@pytest.mark.parametrize(
    ("mode", "colour"),
    [("RGBA", (200, 30, 60, 100)), ("LA", (200, 100)), ("P", 3), ("L", 200), ("CMYK", (0, 80, 80, 10))],
)
def test_every_kind_of_pixels_is_read(mode: str, colour: Any) -> None:
    data = picture("JPEG" if mode == "CMYK" else "PNG", mode=mode, colour=colour)
    image = read_image(data, max_bytes=0)
    assert opened(image.data).mode == ("RGBA" if "A" in mode else "RGB")


def test_a_large_image_is_made_smaller_and_a_small_one_is_not_made_larger() -> None:
    image = read_image(picture("JPEG", size=(4000, 2000)), max_bytes=0)
    assert (image.width, image.height) == (limits.IMAGE_SIDE, limits.IMAGE_SIDE // 2)
    assert read_image(picture(size=(1, 1)), max_bytes=0).width == 1


def test_a_photograph_is_turned_as_the_camera_was_held_and_tells_no_place() -> None:
    exif = Pil.Exif()
    exif[0x0112] = 6  # turned to the right
    exif.get_ifd(0x8825)[1] = "N"
    data = picture("JPEG", exif=exif.tobytes(), comment=b"at home")
    image = read_image(data, max_bytes=0)
    assert (image.width, image.height) == (40, 60)
    assert b"at home" in data
    assert b"at home" not in image.data
    assert not opened(image.data).getexif()
    assert set(opened(image.data).info) <= {"loop", "background", "timestamp", "duration"}


def test_a_page_behind_an_image_is_cut_off() -> None:
    image = read_image(picture("GIF") + b"<script>alert(1)</script>", max_bytes=0)
    assert b"script" not in image.data


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no image",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><body>GIF89a",
        b"GIF89a",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff\xe0\0\x10JFIF\0",
        b"RIFF\x10\0\0\0WEBPVP8 ",
        b"%PDF-1.4",
        picture("PNG")[:-30],
        picture("JPEG")[:300],
        picture("BMP"),
        picture("TIFF"),
        picture("ICO"),
    ],
)
def test_what_is_no_image_or_none_of_the_common_formats_is_refused(data: bytes) -> None:
    with pytest.raises(NoImage, match="This is not an image"):
        read_image(data, max_bytes=0)


@given(st.binary(max_size=60), st.sampled_from([b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF"]))
def test_no_bytes_make_it_fail(data: bytes, start: bytes) -> None:
    with pytest.raises(NoImage):
        read_image(start + data, max_bytes=0)


@given(st.data(), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF"]))
def test_no_damage_makes_it_fail(data: st.DataObject, kind: str) -> None:
    image = bytearray(picture(kind, size=(8, 8)))
    for place in data.draw(st.lists(st.integers(0, len(image) - 1), max_size=6)):
        image[place] = data.draw(st.integers(0, 255))
    try:
        read_image(bytes(image), max_bytes=0)
    except NoImage as error:
        assert str(error)


@pytest.mark.parametrize("size", [(100_000, 100_000), (40_000, 1_001), (2**31 - 1, 1)])
def test_an_image_of_too_many_pixels_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    with pytest.raises(NoImage, match="more than 40 megapixels"):
        read_image(png_of_size(*size), max_bytes=0)


def test_an_image_of_too_many_bytes_is_refused() -> None:
    data = picture()
    assert read_image(data, max_bytes=len(data)).width == 60
    with pytest.raises(NoImage, match="more than 10 bytes"):
        read_image(data, max_bytes=10)


# -- over REST ----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("multipart", [False, True])
def test_an_image_that_is_sent_is_given_out_to_everybody(operator: APIClient, client: Client, multipart: bool) -> None:
    if multipart:
        answer = operator.post(URL, {"file": SimpleUploadedFile("a.png", picture())}, format="multipart")
    else:
        answer = operator.generic("POST", URL, picture(), content_type="image/png")  # type: ignore[arg-type]
    assert answer.status_code == 201, answer.json()
    shown = client.get(answer.json()["address"])
    assert opened(shown.content).size == (60, 40)
    assert shown["Content-Type"] == "image/webp"
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "default-src 'self'" in shown["Content-Security-Policy"]
    assert client.head(answer.json()["address"]).status_code == 200
    assert client.post(answer.json()["address"]).status_code == 405


@pytest.mark.django_db
def test_the_same_image_is_stored_once(operator: APIClient) -> None:
    answers = [operator.generic("POST", URL, picture()).json() for _ in range(2)]  # type: ignore[arg-type]
    assert answers[0] == answers[1]
    assert Image.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"", b"no image", png_of_size(100_000, 100_000)])
def test_what_is_no_image_is_not_stored(operator: APIClient, body: bytes) -> None:
    answer = operator.generic("POST", URL, body, content_type="image/png")  # type: ignore[arg-type]
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert not Image.objects.exists()


@pytest.mark.django_db
def test_an_image_over_the_bound_is_refused(operator: APIClient, settings: Any) -> None:
    settings.IMAGE_MAX_BYTES = 20
    assert operator.generic("POST", URL, picture()).status_code == 413  # type: ignore[arg-type]
    file = SimpleUploadedFile("a.png", picture())
    assert operator.post(URL, {"file": file}, format="multipart").status_code == 413


@pytest.mark.django_db
def test_players_cannot_send_images() -> None:
    assert APIClient().generic("POST", URL, picture()).status_code in {401, 403}  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["0" * 32, "0" * 31, "A" * 32, "a%00", "..%2fquiz", "é"])
def test_an_unknown_image_is_not_found(client: Client, name: str) -> None:
    assert client.get(f"/images/{name}.webp").status_code == 404


# -- words, questions, sessions ---------------------------------------------------------------------------------------


def stored(client: APIClient, colour: tuple[int, int, int] = (200, 30, 60)) -> str:
    address = client.generic("POST", URL, picture(colour=colour)).json()["address"]  # type: ignore[arg-type]
    assert isinstance(address, str)
    return address


def old(moment: int = 2) -> None:
    Image.objects.update(stored_at=timezone.now() - timedelta(days=moment))


def word_list(address: str) -> WordListContent:
    words = tuple(WordContent(term, (meaning,), image=address) for term, meaning in zip("abcd", "wxyz", strict=True))
    return WordListContent("list", "List", words=words)


def delete(*models: type[Model]) -> None:
    for model in models:
        model._default_manager.all().delete()


def quiz(address: str) -> QuizContent:
    question = QuestionContent("q1", "typed", "?", correct_answers=("a",), media=address)
    return QuizContent("quiz", "Quiz", questions=(question,))


@pytest.mark.django_db
def test_the_image_of_a_word_is_shown_with_its_questions(operator: APIClient) -> None:
    address = stored(operator)
    word_list_create(word_list(address))
    answer = operator.post("/api/v1/wordlists/list/quiz", {"exercises": ["type_term"], "count": 3})
    assert {question["media"] for question in answer.json()["quiz"]["questions"]} == {address}


def session_of(content: QuizContent) -> QuizSession:
    return QuizSession.objects.create(
        id="s1",
        quiz_id="quiz",
        content=content_to_json(content),
        state={},
        join_code="ABCDEF",
        created_at=timezone.now(),
    )


@pytest.mark.django_db
def test_an_image_is_kept_as_long_as_something_shows_it(operator: APIClient) -> None:
    address = stored(operator)
    word_list_create(word_list(address))
    quiz_create(quiz(address))
    session = session_of(quiz(address))
    old()
    assert delete_unused_images(now=timezone.now()) == 0
    WordList.objects.all().delete()
    assert delete_unused_images(now=timezone.now()) == 0
    quiz_delete("quiz")
    assert delete_unused_images(now=timezone.now()) == 0
    # The session's copy of the quiz shows it still.
    old()
    session.delete()
    assert delete_unused_images(now=timezone.now()) == 1
    assert not Image.objects.exists()


@pytest.mark.django_db
def test_an_image_that_was_just_stored_is_kept_for_the_form_it_is_for(operator: APIClient) -> None:
    stored(operator)
    assert delete_unused_images(now=timezone.now() + timedelta(hours=23)) == 0
    old()
    # Stored again, it is as new.
    stored(operator)
    assert delete_unused_images(now=timezone.now()) == 0
    old()
    assert delete_unused_images(now=timezone.now()) == 1


# -- in the admin -----------------------------------------------------------------------------------------------------


@pytest.fixture
def host(make_host: Callable[[str], Any]) -> Client:
    client = Client()
    client.force_login(make_host("host"))
    return client


def word_form(**word: Any) -> dict[str, Any]:
    fields = {"term": "le chien", "meanings": "dog", **word}
    return {
        "title": "French",
        "term_language": "fr",
        "meaning_language": "en",
        "words-TOTAL_FORMS": "1",
        "words-INITIAL_FORMS": "0",
        **{f"words-0-{name}": value for name, value in fields.items()},
    }


@pytest.mark.django_db
def test_a_host_uploads_the_image_of_a_word_and_sees_it(host: Client) -> None:
    file = SimpleUploadedFile("dog.png", picture())
    answer = host.post("/admin/quizzes/wordlist/add/", word_form(upload=file, image="/other.png"))
    assert answer.status_code == 302, answer.context["errors"]
    word = Word.objects.get()
    assert word.image == f"/images/{Image.objects.get().digest}.webp"
    page = host.get("/admin/quizzes/wordlist/french/change/").content.decode()
    assert f'<img class="qz-picture" src="{word.image}"' in page


@pytest.mark.django_db
def test_a_host_uploads_the_image_of_a_question(host: Client) -> None:
    fields = {
        "text": "Dog?",
        "kind": "typed",
        "correct_answers": "chien",
        "points": 10,
        "time_limit": 20,
        "tolerance": 0,
    }
    form = {
        "title": "French",
        "language": "fr",
        "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "0",
        **{f"questions-0-{name}": value for name, value in fields.items()},
        "questions-0-upload": SimpleUploadedFile("dog.jpg", picture("JPEG")),
    }
    answer = host.post("/admin/quizzes/quiz/add/", form)
    assert answer.status_code == 302, answer.context["errors"]
    question = Question.objects.get()
    assert question.media == f"/images/{Image.objects.get().digest}.webp"
    assert question.media in host.get(f"/admin/quizzes/quiz/{question.quiz_id}/change/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"no image", "This is not an image."),
        (b"", "The submitted file is empty."),
        (b"\x89PNG" + b"\0" * 3000, "more than 3000 bytes"),
        (png_of_size(100_000, 100_000), "more than 40 megapixels"),
    ],
)
def test_an_upload_that_is_no_image_is_refused_beside_its_field(
    host: Client, settings: Any, data: bytes, said: str
) -> None:
    settings.IMAGE_MAX_BYTES = 3000
    answer = host.post("/admin/quizzes/wordlist/add/", word_form(upload=SimpleUploadedFile("dog.png", data)))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not WordList.objects.exists()
    assert not Image.objects.exists()


# -- out and in again -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["json", "apkg"])
@pytest.mark.parametrize("kind", ["quizzes", "wordlists"])
def test_an_export_takes_its_images_along(operator: APIClient, kind: str, name: str) -> None:
    address = stored(operator)
    data = Image.objects.get().data
    if kind == "quizzes":
        quiz_create(quiz(address))
    else:
        word_list_create(word_list(address))
    file = operator.get(f"/api/v1/{kind}/{'quiz' if kind == 'quizzes' else 'list'}/export?format={name}").content
    # On the server it comes from, nothing changes.
    before = [*Word.objects.values_list("image", flat=True), *Question.objects.values_list("media", flat=True)]
    delete(Quiz, WordList)
    url = f"/api/v1/{kind}/import"
    assert operator.generic("POST", url, file).status_code == 201
    after = [*Word.objects.values_list("image", flat=True), *Question.objects.values_list("media", flat=True)]
    assert after == before
    assert bytes(Image.objects.get().data) == bytes(data)
    # On another, the image is there too, encoded anew.
    delete(Quiz, WordList, Image)
    preview = operator.generic("POST", f"{url}?preview=true", file)
    assert preview.status_code == 200
    assert not Image.objects.exists()
    assert operator.generic("POST", url, file).status_code == 201
    shown = {*Word.objects.values_list("image", flat=True), *Question.objects.values_list("media", flat=True)}
    assert shown == {f"/images/{Image.objects.get().digest}.webp"}
    assert opened(bytes(Image.objects.get().data)).size == (60, 40)


@pytest.mark.django_db
def test_a_json_export_can_be_posted_as_it_is(operator: APIClient) -> None:
    quiz_create(quiz(stored(operator)))
    word_list_create(word_list(stored(operator)))
    for kind, name in (("quizzes", "quiz"), ("wordlists", "list")):
        exported = json.loads(operator.get(f"/api/v1/{kind}/{name}/export").content)
        assert len(exported["images"]) == 1
        assert operator.put(f"/api/v1/{kind}/{name}", exported).status_code == 200
        assert operator.delete(f"/api/v1/{kind}/{name}").status_code == 204
        assert operator.post(f"/api/v1/{kind}", exported).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize(
    "images",
    [
        [],
        {"/images/x.webp": base64.b64encode(picture()).decode()},
        {f"/images/{'0' * 32}.webp": "no base64"},
        {f"/images/{'0' * 32}.webp": 7},
        {f"/images/{'0' * 32}.webp": base64.b64encode(b"<svg/>").decode()},
    ],
)
def test_json_with_images_that_are_none_is_refused(operator: APIClient, images: Any) -> None:
    body: dict[str, Any] = {"id": "q", "title": "Q", "images": images}
    body["questions"] = [{"id": "q1", "kind": "typed", "text": "?", "correct_answers": ["a"]}]
    answer = operator.post("/api/v1/quizzes", body)
    assert answer.status_code == 400
    assert answer.json()["errors"]["problems"][0]["path"] == "images"
    assert operator.generic("POST", "/api/v1/quizzes/import", json.dumps(body)).status_code == 400
    assert not Quiz.objects.exists()
    assert not Image.objects.exists()


@pytest.mark.django_db
def test_nobody_puts_another_image_at_an_address_that_is_taken(operator: APIClient) -> None:
    address = stored(operator)
    before = bytes(Image.objects.get().data)
    body: dict[str, Any] = {
        "id": "q",
        "title": "Q",
        "images": {address: base64.b64encode(picture(colour=(0, 0, 200))).decode()},
    }
    body["questions"] = [{"id": "q1", "kind": "typed", "text": "?", "correct_answers": ["a"], "media": address}]
    assert operator.post("/api/v1/quizzes", body).status_code == 201
    assert bytes(Image.objects.get(pk=address[8:40]).data) == before


@pytest.mark.django_db
def test_the_admin_takes_the_images_of_an_import_along(host: Client, operator: APIClient) -> None:
    word_list_create(word_list(stored(operator)))
    file = io.BytesIO(operator.get("/api/v1/wordlists/list/export?format=apkg").content)
    delete(WordList, Image)
    url = "/admin/quizzes/wordlist/import_words/"
    preview = host.post(url, {"file": SimpleUploadedFile("words.apkg", file.read())})
    host.post(url, {"save": "1", "content": preview.context["content"]})
    assert set(Word.objects.values_list("image", flat=True)) == {f"/images/{Image.objects.get().digest}.webp"}
