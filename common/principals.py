"""Who makes a request. One request has one principal, decided once: an API key, a signed-in user, or nobody.

A request that shows an API key is that key and nothing else, whatever session cookie came along with it: otherwise the
rights of two principals would add up. :mod:`quizserver.api_keys` decides; everything else asks here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import NotAuthenticated
from rest_framework.status import HTTP_403_FORBIDDEN

from common.rest import Problem

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from rest_framework.request import Request

KEY_SCHEME = "api-key"


@dataclass(frozen=True, slots=True)
class Operator:
    """The holder of an API key: what DRF has as ``request.user``. It is no account, and never staff."""

    scopes: frozenset[str]
    pk: None = None
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False
    is_staff: bool = False
    is_superuser: bool = False

    def has_perm(self, _permission: str, _of: Any = None) -> bool:
        """Permissions are those of accounts; a key has scopes."""
        return False


def bears_key(authorization: str) -> bool:
    """Whether an Authorization header shows an API key, right or wrong, alone or among other credentials."""
    return any(
        part.strip().partition(" ")[0].lower() == KEY_SCHEME for part in authorization.replace("\t", " ").split(",")
    )


def host_of(request: Request) -> User | None:
    """The signed-in user who asks, or ``None`` for an operator, who may see everything.

    :raises NotAuthenticated: for nobody: that must never be read as an operator.
    """
    # Accounts cannot be imported before Django is set up.
    from django.contrib.auth.models import User

    match request.user:
        case User() as user:
            return user
        case Operator():
            return None
    raise NotAuthenticated


def require_scope(request: Request, scope: str) -> None:
    """Refuse an operator whose key lacks this scope; hosts have all."""
    # DRF's stubs know accounts only.
    user: Any = request.user
    if isinstance(user, Operator) and scope not in user.scopes:
        raise Problem(HTTP_403_FORBIDDEN, f"This API key lacks the scope {scope}.")


def actor_of(request: Request) -> str:
    """Who asks, for the audit trail."""
    user = host_of(request)
    return "operator" if user is None else f"user:{user.get_username()}"
