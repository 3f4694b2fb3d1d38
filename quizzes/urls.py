"""The content side's part of ``/api/v1/``."""

from __future__ import annotations

from rest_framework.routers import SimpleRouter

from quizzes.api import QuizViewSet

router = SimpleRouter(trailing_slash=False)
router.register("quizzes", QuizViewSet, basename="quiz")

urlpatterns = router.urls
