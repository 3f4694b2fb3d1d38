"""Routes of the pages."""

from __future__ import annotations

from django.urls import path

from sessions import pages

urlpatterns = [
    path("", pages.play, name="start"),
    path("j/<str:code>", pages.play, name="join"),
    path("play/<str:code>", pages.play, name="play"),
    path("screen/<str:code>", pages.screen, name="screen"),
]
