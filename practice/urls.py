"""Routes of practice, below /practice/."""

from __future__ import annotations

from django.urls import path

from practice import pages
from practice.rest import views

urlpatterns = [
    path("", pages.page, name="practice"),
    path("manifest.webmanifest", pages.manifest, name="practice-manifest"),
    path("worker.js", pages.worker, name="practice-worker"),
    path("api/decks", views.Decks.as_view(), name="practice-decks"),
    path("api/deck", views.OneDeck.as_view(), name="practice-deck"),
    path("api/reviews", views.Reviews.as_view(), name="practice-reviews"),
    path("api/anki", views.Anki.as_view(), name="practice-anki"),
    path("api/qr", views.Qr.as_view(), name="practice-qr"),
]
