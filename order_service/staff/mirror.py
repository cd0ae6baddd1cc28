"""A user of this service like the person whom product_service tells.

Name, address, shipped roles and whether it is a superuser come from there. Groups of the shop's own
and single rights that somebody gave here stay.
"""

from __future__ import annotations

from django.contrib.auth.models import Group, User
from django.db import IntegrityError, transaction

from chassis.back_office.roles import Role
from order_service.clients.staff import Person
from order_service.staff.models import StaffMember

COPIED = ("username", "first_name", "last_name", "email", "is_superuser")


def mirror(person: Person) -> User:
    """The user, made or renewed; who was here under that name before is the same person."""
    try:
        return _mirrored(person)
    except IntegrityError:  # another tab of the same person made the rows meanwhile
        return _mirrored(person)


@transaction.atomic
def _mirrored(person: Person) -> User:
    members = StaffMember.objects.select_for_update().filter(number=person.number)
    member = members.select_related("user").first()
    user = member.user if member else _before(person)
    _clear_name(person.username, user)
    _copy(person, user)
    if member is None:
        StaffMember.objects.create(user=user, number=person.number)
    _set_roles(person, user)
    return user


def _before(person: Person) -> User:
    """The user who signed in here before there was one sign-in, or a new one without password."""
    found = User.objects.filter(username=person.username, member=None).first()
    if found is not None:
        return found
    user = User(username=person.username)
    user.set_unusable_password()
    return user


def _clear_name(username: str, user: User) -> None:
    """Somebody else had the name before: their history stays theirs, under another name."""
    for other in User.objects.filter(username=username).exclude(pk=user.pk):
        other.username = f"{username[:120]} (before, {other.pk})"
        other.save(update_fields=["username"])


def _copy(person: Person, user: User) -> None:
    told = {name: getattr(person, name) for name in COPIED} | {"is_staff": True, "is_active": True}
    if user.pk is None or any(getattr(user, name) != value for name, value in told.items()):
        for name, value in told.items():
            setattr(user, name, value)
        user.save()


def _set_roles(person: Person, user: User) -> None:
    shipped = {role.value for role in Role}
    own = user.groups.exclude(name__in=shipped)
    told = Group.objects.filter(name__in=shipped & set(person.roles))
    user.groups.set([*own, *told])
