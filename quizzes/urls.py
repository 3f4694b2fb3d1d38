"""The content side's part of ``/api/v1/``."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from quizzes.api import QuizViewSet
from quizzes.word_api import WordListViewSet

router = SimpleRouter(trailing_slash=False)
router.register("quizzes", QuizViewSet, basename="quiz")
router.register("wordlists", WordListViewSet, basename="wordlist")

urlpatterns = router.urls
