"""The OpenAPI document, built once: it takes a second, is the same for everybody, and cannot be built twice at once."""

from __future__ import annotations

import threading

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.views import SpectacularAPIView
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

_LANGUAGES = frozenset(code for code, _ in settings.LANGUAGES)
#: By language and media type.
_built: dict[tuple[str, str], bytes] = {}
_building = threading.Lock()


def document(renderer: BaseRenderer) -> bytes:
    """In the language of whoever asks, and one of the formats."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    if language not in _LANGUAGES:
        language = settings.LANGUAGE_CODE
    key = language, renderer.media_type
    if key not in _built:
        # drf-spectacular patches views while it looks at them: one at a time.
        with _building, translation.override(language):
            if key not in _built:
                schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
                rendered = renderer.render(schema, renderer.media_type, {})
                _built[key] = rendered.encode() if isinstance(rendered, str) else rendered
    return _built[key]


class SchemaView(SpectacularAPIView):
    """`/api/schema/`."""

    def _get_schema_response(self, request: Request) -> HttpResponse:
        renderer, media_type = self.perform_content_negotiation(request, force=True)
        name = self._get_filename(request, "")  # type: ignore[no-untyped-call]
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(document(renderer), content_type=media_type, headers=headers)
