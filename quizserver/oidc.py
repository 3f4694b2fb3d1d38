"""Sign-in of hosts over OpenID Connect, where the settings name a provider.

A user is who the provider says by its `sub`, never by an e-mail address: an address that the provider has not verified
must not open an account that is here already.
"""

from __future__ import annotations

import hashlib
import logging
from typing import Any

from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from common.config import CONFIG
from quizzes.access import HOSTS_GROUP

logger = logging.getLogger(__name__)


def username_of(claims: dict[str, Any]) -> str:
    """The name of the local account: made of the provider and the subject, so that it cannot be taken over."""
    digest = hashlib.sha256(f"{CONFIG.oidc_authorization_url}\0{claims.get('sub', '')}".encode()).hexdigest()
    return f"oidc-{digest[:24]}"


class HostBackend(OIDCAuthenticationBackend):
    """Makes hosts of the provider's users."""

    def verify_claims(self, claims: dict[str, Any]) -> bool:
        """Whether this user may be a host."""
        groups = claims.get("groups") or []
        group = CONFIG.oidc_group
        allowed = bool(claims.get("sub")) and (not group or (isinstance(groups, list) and group in groups))
        if not allowed:
            logger.warning("oidc_refused", extra={"reason": "not in the group" if claims.get("sub") else "no subject"})
        return allowed

    def filter_users_by_claims(self, claims: dict[str, Any]) -> QuerySet[User]:
        return User.objects.filter(username=username_of(claims))

    def create_user(self, claims: dict[str, Any]) -> User:
        user = User.objects.create_user(username_of(claims), is_staff=True)
        user.groups.add(Group.objects.get(name=HOSTS_GROUP))
        return self.update_user(user, claims)

    def update_user(self, user: User, claims: dict[str, Any]) -> User:
        user.first_name = str(claims.get("given_name") or claims.get("name") or "")[:150]
        user.last_name = str(claims.get("family_name") or "")[:150]
        user.email = str(claims.get("email") or "")[:254]
        user.save()
        return user
