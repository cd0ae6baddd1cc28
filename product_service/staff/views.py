"""Sessions of staff, for order_service alone."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from chassis.auth import scope
from chassis.json_view import JsonView
from product_service.described import operation
from product_service.shapes import EndedSession, SignInCode, StaffPerson, StaffSession
from product_service.staff import hand_over
from product_service.staff.hand_over import SignedIn


class StaffSessionsView(JsonView):
    permission_classes = [scope("staff")]

    @operation("redeem_sign_in", StaffSession, 401, 403, 404, 413, 415, 422, request=SignInCode)
    def post(self, request: Request) -> Response:
        """Redeem the code that a browser brought, once and within 60 seconds."""
        asked = SignInCode.read(request.data)
        return Response(_wire(hand_over.redeem(code=asked.code, secret=asked.secret)))


class StaffSessionView(JsonView):
    """Whether a person who came by a code is still signed in."""

    permission_classes = [scope("staff")]

    @operation("get_staff_session", StaffSession, 401, 403, 404)
    def get(self, request: Request, handle: uuid.UUID) -> Response:
        """Get the person with their current roles; 404 once they are signed out."""
        return Response(_wire(hand_over.look_up(handle)))

    @operation("end_staff_session", EndedSession, 401, 403)
    def delete(self, request: Request, handle: uuid.UUID) -> Response:
        """Sign the person out of both back offices. Safe to repeat."""
        hand_over.end(handle)
        ended: EndedSession = {"session": str(handle)}
        return Response(ended)


def _wire(signed_in: SignedIn) -> StaffSession:
    user = signed_in.user
    person: StaffPerson = {
        "number": user.pk,
        "username": user.get_username(),
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_superuser": user.is_superuser,
        "roles": sorted(user.groups.values_list("name", flat=True)),
    }
    return {"session": str(signed_in.handle), "person": person}
