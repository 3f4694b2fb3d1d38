"""HTTP routes."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularSwaggerSplitView

from common.config import CONFIG
from common.rest import unknown_path, websocket_only
from quizserver import account, health
from quizserver.help_pages import help_page
from quizserver.invitations import InvitationView
from quizserver.schema import SchemaView
from quizserver.sign_in import enter_code, set_up, sign_in
from quizzes.rest.images import show_image
from quizzes.rest.sounds import play_sound
from sessions.rest import asyncapi

urlpatterns = [
    *([path("oidc/", include("mozilla_django_oidc.urls"))] if CONFIG.oidc_client_id else []),
    path("", include("sessions.pages.urls")),
    path("practice/", include("practice.urls")),
    path("images/<str:digest>.webp", show_image, name="image"),
    path("sounds/<str:digest>.mp3", play_sound, name="sound"),
    path("admin/login/", sign_in),
    path("admin/login/code/", enter_code, name="sign-in-code"),
    path("admin/login/setup/", set_up, name="sign-in-setup"),
    path("admin/login/invitation/<uidb64>/<token>/", InvitationView.as_view(), name="invitation"),
    path("admin/account/", account.overview, name="account"),
    path("admin/account/second-factor/", account.second_factor_setup, name="second-factor"),
    path("admin/", admin.site.urls),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", include("sessions.urls")),
    path("api/v1/", include("quizzes.urls")),
    re_path(r"^api/v1/(?P<rest>.*)$", unknown_path),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("help/<str:name>", help_page, name="help"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("api/docs/ws", asyncapi.page),
    path("api/docs/ws.json", asyncapi.schema, name="asyncapi"),
    re_path(r"^ws/?$", websocket_only),
    path("health", health.health),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("metrics", health.scrape),
]
