"""The REST face of classes: their pupils, cards and colleagues. Whoever may not see a class is told there is none."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.db.models import Count
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from classes.access import owns, visible_classes
from classes.models import Pupil, SchoolClass
from classes.rules.names import InvalidName
from classes.rules.roll import PUPILS_MOST, TooMany
from classes.services import (
    PupilNameTaken,
    add_pupils,
    card_of,
    create_class,
    let_practice_count,
    pupils_by_name,
    rename_pupil,
    replace_card,
)
from common.principals import actor_of, host_of
from common.rest import Pages, Problem
from quizzes.access import is_host
from scoring.ports import ServiceUnavailable
from sessions.database.class_answers import class_export
from sessions.database.practised import practice_book
from sessions.database.rows import to_datetime
from sessions.pages.views import public_url
from sessions.rest import class_serializers as shapes
from sessions.rest.sessions import NOT_FOUND, PROBLEM
from sessions.wiring.class_deletion import delete_class, delete_pupil
from sessions.wiring.runtime import runtime

#: What its owner alone changes.
_OWNERS = {"keep_until", "practice_counts"}
_REFUSED = {400: PROBLEM, 403: PROBLEM, **NOT_FOUND}


class ClassAPI(APIView):
    """Finds classes and pupils for who may see them. A key needs the scope ``classes``, to look as well."""

    scope = "classes"
    read_scope = "classes"

    def school_class(self, request: Request, class_id: str, *, own: bool = False) -> SchoolClass:
        """The class, if the caller may see it.

        :param own: refuse those that it is only shared with.
        """
        user = host_of(request)
        # What cannot be an id is not asked for: a database may refuse its characters.
        found = visible_classes(user).filter(id=class_id).first() if class_id.isalnum() else None
        if found is None:
            raise Problem(status.HTTP_404_NOT_FOUND, f"Class {class_id} does not exist")
        if own and not owns(user, found):
            told = "Only its owner shares and deletes a class, moves its date, and lets practice count."
            raise Problem(status.HTTP_403_FORBIDDEN, told)
        return found

    def pupil(self, request: Request, class_id: str, pupil_id: str) -> Pupil:
        """The pupil of a class that the caller may see."""
        school_class = self.school_class(request, class_id)
        found = school_class.pupils.filter(id=pupil_id).first() if pupil_id.isalnum() else None
        if found is None:
            raise Problem(status.HTTP_404_NOT_FOUND, f"Pupil {pupil_id} does not exist")
        return found

    def handle_exception(self, exc: Exception) -> Response:
        match exc:
            case TooMany():
                problem = Problem(400, f"A class has at most {PUPILS_MOST} pupils.")
            case PupilNameTaken():
                problem = Problem(409, "Another pupil of the class has this name.", code="NAME_TAKEN")
            case InvalidName():
                problem = Problem(400, str(exc), code="INVALID_NAME", reason=exc.reason)
            case ServiceUnavailable():
                problem = Problem(503, "The server cannot store anything just now.")
            case _:
                return super().handle_exception(exc)
        return super().handle_exception(problem)


class ClassList(ClassAPI):
    """All classes."""

    @extend_schema(summary="List classes", operation_id="classes_list", responses={200: shapes.ClassPage, **_REFUSED})
    def get(self, request: Request) -> Response:
        """The caller's own classes, and those that colleagues share."""
        rows = (
            visible_classes(host_of(request))
            .select_related("owner")
            .prefetch_related("shared_with")
            .order_by("name", "id")
        )
        pages = Pages()
        page = pages.paginate_queryset(rows, request, view=self) or []
        return pages.get_paginated_response([class_json(each) for each in page])

    @extend_schema(
        summary="Make a class",
        operation_id="classes_create",
        request=shapes.NewClass,
        responses={201: shapes.ClassOut, 409: PROBLEM, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Make a class. Two pupils of one name are a 409 that names them: write them so that they can be told apart."""
        body = shapes.NewClass(data=request.data)
        body.is_valid(raise_exception=True)
        names = body.validated_data.get("pupils", [])
        _check_date(body.validated_data)
        host = host_of(request)
        school_class = create_class(
            body.validated_data["name"],
            owner_id=None if host is None else host.pk,
            keep_until=body.validated_data.get("keep_until"),
        )
        try:
            _add(school_class, names)
        except Exception:
            school_class.delete()
            raise
        return Response(with_pupils(school_class), status=status.HTTP_201_CREATED)


class ClassDetail(ClassAPI):
    """One class."""

    @extend_schema(summary="Show a class", operation_id="classes_get", responses={200: shapes.ClassOut, **_REFUSED})
    def get(self, request: Request, class_id: str) -> Response:
        """The class and its pupils."""
        return Response(with_pupils(self.school_class(request, class_id)))

    @extend_schema(
        summary="Change a class",
        operation_id="classes_change",
        request=shapes.ChangeClass,
        responses={200: shapes.ClassOut, **_REFUSED},
    )
    def patch(self, request: Request, class_id: str) -> Response:
        """Another name, another last day of the names; whether practice at home counts."""
        body = shapes.ChangeClass(data=request.data)
        body.is_valid(raise_exception=True)
        school_class = self.school_class(request, class_id, own=bool(_OWNERS & body.validated_data.keys()))
        _check_date(body.validated_data)
        counts = body.validated_data.pop("practice_counts", None)
        for field, value in body.validated_data.items():
            setattr(school_class, field, value)
        school_class.save()
        if counts is not None:
            let_practice_count(school_class, counts, now=to_datetime(runtime().clock.now()))
        return Response(with_pupils(school_class))

    @extend_schema(
        summary="Delete a class", operation_id="classes_delete", responses={204: None, 503: PROBLEM, **_REFUSED}
    )
    def delete(self, request: Request, class_id: str) -> Response:
        """Delete the class and its pupils' names, wherever they are. Answers stay, as of players without names."""
        delete_class(self.school_class(request, class_id, own=True).pk, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ClassPupils(ClassAPI):
    """The pupils of a class."""

    @extend_schema(
        summary="Add pupils",
        operation_id="classes_add_pupils",
        request=shapes.NewPupils,
        responses={201: shapes.ClassOut, 409: PROBLEM, **_REFUSED},
    )
    def post(self, request: Request, class_id: str) -> Response:
        """Add all of them, or none: a 409 names those that the class or the list has already."""
        school_class = self.school_class(request, class_id)
        body = shapes.NewPupils(data=request.data)
        body.is_valid(raise_exception=True)
        _add(school_class, body.validated_data["names"])
        return Response(with_pupils(school_class), status=status.HTTP_201_CREATED)


class ClassPupil(ClassAPI):
    """One pupil."""

    @extend_schema(
        summary="Rename a pupil",
        operation_id="classes_rename_pupil",
        request=shapes.ChangePupil,
        responses={200: shapes.PupilOut, 409: PROBLEM, **_REFUSED},
    )
    def patch(self, request: Request, class_id: str, pupil_id: str) -> Response:
        """Another name for the same pupil."""
        pupil = self.pupil(request, class_id, pupil_id)
        body = shapes.ChangePupil(data=request.data)
        body.is_valid(raise_exception=True)
        rename_pupil(pupil, body.validated_data["name"])
        return Response({"id": pupil.id, "name": pupil.name})

    @extend_schema(
        summary="Delete a pupil", operation_id="classes_delete_pupil", responses={204: None, 503: PROBLEM, **_REFUSED}
    )
    def delete(self, request: Request, class_id: str, pupil_id: str) -> Response:
        """Delete the pupil's name wherever it is. Answers stay, as of a player without a name."""
        delete_pupil(self.pupil(request, class_id, pupil_id).id, actor=actor_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PupilCard(ClassAPI):
    """The card of a pupil."""

    @extend_schema(
        summary="Replace a card",
        operation_id="classes_replace_card",
        request=None,
        responses={201: shapes.Card, **_REFUSED},
    )
    def post(self, request: Request, class_id: str, pupil_id: str) -> Response:
        """A new card for one that was lost; the one before opens nothing any more."""
        pupil = self.pupil(request, class_id, pupil_id)
        replace_card(pupil)
        return Response(_card_json(request, pupil), status=status.HTTP_201_CREATED)


class ClassCards(ClassAPI):
    """The cards of a class."""

    @extend_schema(summary="Show the cards", operation_id="classes_cards", responses={200: shapes.Cards, **_REFUSED})
    def get(self, request: Request, class_id: str) -> Response:
        """The secrets of all cards, to be printed. They are the same every time."""
        school_class = self.school_class(request, class_id)
        return Response({"cards": [_card_json(request, pupil) for pupil in pupils_by_name(school_class)]})


class ClassShares(ClassAPI):
    """With whom a class is shared."""

    @extend_schema(
        summary="Share a class",
        operation_id="classes_share",
        request=shapes.ClassColleague,
        responses={200: shapes.ClassOut, **_REFUSED},
    )
    def post(self, request: Request, class_id: str) -> Response:
        """Let a colleague see and use the class."""
        school_class = self.school_class(request, class_id, own=True)
        body = shapes.ClassColleague(data=request.data)
        body.is_valid(raise_exception=True)
        colleague = User.objects.filter(username=body.validated_data["username"], is_active=True).first()
        if colleague is None or not is_host(colleague):
            raise ValidationError({"username": ["No host has this name."]})
        school_class.shared_with.add(colleague)
        return Response(with_pupils(school_class))


class ClassShare(ClassAPI):
    """One colleague."""

    @extend_schema(summary="Stop sharing a class", operation_id="classes_unshare", responses={204: None, **_REFUSED})
    def delete(self, request: Request, class_id: str, username: str) -> Response:
        """The colleague sees it no more. Taking back what is not shared is harmless."""
        school_class = self.school_class(request, class_id, own=True)
        school_class.shared_with.remove(*User.objects.filter(username=username))
        return Response(status=status.HTTP_204_NO_CONTENT)


class ClassExportView(ClassAPI):
    """All that is kept of a class."""

    @extend_schema(
        summary="Export a class", operation_id="classes_export", responses={200: shapes.ClassExport, **_REFUSED}
    )
    def get(self, request: Request, class_id: str) -> Response:
        """Pupils, and every answer they gave in sessions of the class, and at home where that counts; of one pupil with
        ``?pupil=ID``, then with all that is kept of the pupil's practice."""
        school_class = self.school_class(request, class_id)
        pupil_id = request.query_params.get("pupil", "")
        wanted = self.pupil(request, class_id, pupil_id) if pupil_id else None
        return Response(export_json(school_class, wanted))


def export_json(school_class: SchoolClass, pupil: Pupil | None) -> dict[str, Any]:
    """All that is kept of a class, or of one pupil of it."""
    made = with_pupils(school_class)
    if pupil is not None:
        made["pupils"] = [{"id": pupil.id, "name": pupil.name}]
        made["practice"] = practice_book().export_pupil(pupil)
    return {**made, "answers": class_export(school_class, pupil)}


def class_json(school_class: SchoolClass) -> dict[str, Any]:
    """A class without its pupils."""
    return {
        "id": school_class.id,
        "name": school_class.name,
        "owner": school_class.owner.get_username() if school_class.owner else None,
        "shared_with": sorted(user.get_username() for user in school_class.shared_with.all()),
        "keep_until": school_class.keep_until.isoformat(),
        "practice_counts": school_class.practice_counts_since is not None,
        "pupil_count": school_class.pupils.aggregate(count=Count("id"))["count"],
    }


def with_pupils(school_class: SchoolClass) -> dict[str, Any]:
    """A class with its pupils."""
    pupils = [{"id": pupil.id, "name": pupil.name} for pupil in pupils_by_name(school_class)]
    return {**class_json(school_class), "pupils": pupils}


def card_url(request: HttpRequest, secret: str) -> str:
    """What a card's QR code holds. The secret is behind the ``#``: no server, proxy or log sees it in an address."""
    return f"{public_url(request, reverse('card'))}#{secret}"


def _card_json(request: Request, pupil: Pupil) -> dict[str, str]:
    secret = card_of(pupil)
    return {"id": pupil.id, "name": pupil.name, "card": secret, "url": card_url(request._request, secret)}


def _add(school_class: SchoolClass, names: list[str]) -> None:
    roll = add_pupils(school_class, names)
    if roll.wrong:
        raise ValidationError({"names": [f"{name!r} cannot be a name ({reason})." for name, reason in roll.wrong]})
    if roll.twice:
        raise Problem(409, "Names that are there already: one pupil, or two?", code="NAME_TAKEN", names=roll.twice)


def _check_date(data: dict[str, Any]) -> None:
    if "keep_until" in data and data["keep_until"] < timezone.localdate():
        raise ValidationError({"keep_until": ["This day is over; delete the class instead."]})
