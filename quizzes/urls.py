"""The content side's part of ``/api/v1/``."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from quizzes.rest.images import Images
from quizzes.rest.import_export import ExportQuiz, ExportWordList, ImportQuiz, ImportWordList
from quizzes.rest.quizzes import QuizViewSet
from quizzes.rest.shares import QuizShare, QuizShares, WordListShare, WordListShares
from quizzes.rest.sounds import Sounds
from quizzes.rest.word_lists import WordListViewSet

router = SimpleRouter(trailing_slash=False)
router.register("quizzes", QuizViewSet, basename="quiz")
router.register("wordlists", WordListViewSet, basename="wordlist")

urlpatterns = [
    path("images", Images.as_view(), name="images"),
    path("sounds", Sounds.as_view(), name="sounds"),
    path("quizzes/import", ImportQuiz.as_view(), name="quiz-import"),
    path("quizzes/<str:pk>/export", ExportQuiz.as_view(), name="quiz-export"),
    path("wordlists/import", ImportWordList.as_view(), name="wordlist-import"),
    path("wordlists/<str:pk>/export", ExportWordList.as_view(), name="wordlist-export"),
    path("quizzes/<str:pk>/shares", QuizShares.as_view()),
    path("quizzes/<str:pk>/shares/<int:share_id>", QuizShare.as_view()),
    path("wordlists/<str:pk>/shares", WordListShares.as_view()),
    path("wordlists/<str:pk>/shares/<int:share_id>", WordListShare.as_view()),
    *router.urls,
]
