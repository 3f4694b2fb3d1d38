"""Routes of the pages."""

from __future__ import annotations

from django.urls import path

from sessions.pages import views
from sessions.pages.preview import preview

urlpatterns = [
    path("", views.play, name="start"),
    path("favicon.ico", views.favicon),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("j/<str:code>", views.play, name="join"),
    path("play/<str:code>", views.play, name="play"),
    path("card", views.card, name="card"),
    path("preview/<str:pk>", preview, name="preview"),
    path("screen/<str:code>", views.screen, name="screen"),
]
