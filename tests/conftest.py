"""What all tests share."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

OPERATOR_KEY = "test-operator-key"


@pytest.fixture
def operator(settings: Any) -> APIClient:
    """A REST client with an operator's key."""
    settings.OPERATOR_API_KEY = OPERATOR_KEY
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {OPERATOR_KEY}")
    return client
