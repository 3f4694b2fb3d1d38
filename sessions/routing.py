"""WebSocket routes of the quiz protocol."""

from __future__ import annotations

from django.urls import re_path

from sessions.websocket.consumer import QuizConsumer

websocket_urlpatterns = [re_path(r"^ws/?$", QuizConsumer.as_asgi())]
