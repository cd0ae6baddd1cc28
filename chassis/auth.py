"""Service tokens: who is calling, on whose behalf, and what for.

A caller mints an EdDSA JWT for its calls of half a minute: `iss` (the calling service), `aud` (the
one service that may accept it), `sub` (the shopper, staff member or service it acts for, such as
`guest:4711`), `scope`, `jti`, `exp` at most 60 s ahead. The verifier pins the algorithm and allows
5 s of skew. Keys are raw Ed25519 keys, base64url without padding; a verifier holds up to two a
caller, so a key can be rotated without a moment of refusals.

What an issuer may put into `scope` and `sub`: chassis/issuers.py. A token that says more is invalid
(401 invalid_token), whatever it is sent to; one without the scope that a route needs is refused
there (403 insufficient_scope). RFC 6750, section 3.1.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from chassis.errors import Forbidden, Unauthorized
from chassis.issuers import Issuer, decode_key

if TYPE_CHECKING:  # DRF's views import the authentication classes, this module among them
    from rest_framework.views import APIView

ALGORITHM = "EdDSA"
LIFETIME_SECONDS = 60
SKEW_SECONDS = 5
TEXTS = ("iss", "aud", "sub", "jti", "scope")
KEPT_SECONDS = 30  # by its caller; so it lives for as long again when it is sent for the last time
KEPT_TOKENS = 1_000  # by each process, sent and verified; when there are as many, all are forgotten
TIMES = ("iat", "exp", "nbf")  # RFC 7519 allows fractions and single-item lists; we mint neither


class InvalidToken(Unauthorized):
    """The token is expired, forged, for another service, or claims more than its issuer may.
    Mint a new one for each call: it may live for 60 seconds."""

    code, title = "invalid_token", "Invalid service token"
    usual_headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class InsufficientScope(Forbidden):
    """The token lacks the scope that this call needs. Mint one with it; `detail` names it."""

    code, title = "insufficient_scope", "The token lacks a scope"


class TokenSigner:
    """Mints the tokens of one service."""

    def __init__(self, issuer: str, private_key: str) -> None:
        self.issuer = issuer
        self._key = Ed25519PrivateKey.from_private_bytes(decode_key(private_key))
        self._kept: dict[tuple[str, str, str], tuple[float, str]] = {}

    def kept(self, audience: str, subject: str, scope: str) -> str:
        """A token for calls to `audience` in the name of `subject`, minted a moment ago or now."""
        now, asked = time.time(), (audience, subject, scope)
        minted_at, token = self._kept.get(asked, (0.0, ""))
        if not 0 <= now - minted_at < KEPT_SECONDS:  # clocks are set back as well
            token = self.mint(*asked)
            _keep(self._kept, asked, (now, token))
        return token

    def mint(
        self, audience: str, subject: str, scope: str, *, seconds: int = LIFETIME_SECONDS
    ) -> str:
        """A new token for calls to `audience` in the name of `subject`, within `seconds`."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": audience,
            "sub": subject,
            "scope": scope,
            "iat": now,
            "exp": now + seconds,
            "jti": uuid.uuid4().hex,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)


@dataclass(frozen=True)
class Caller:
    """The verified caller of a request, as `request.user`."""

    subject: str
    issuer: str
    scopes: frozenset[str]
    is_authenticated: bool = True


K = TypeVar("K")
V = TypeVar("V")


def _keep(kept: dict[K, V], key: K, value: V) -> None:
    if len(kept) >= KEPT_TOKENS:
        kept.clear()
    kept[key] = value


_verified: dict[str, tuple[str, Mapping[str, Issuer], int, Caller]] = {}


def verify(token: str, *, audience: str, issuers: Mapping[str, Issuer]) -> Caller:
    """The caller that `token` proves. Raises InvalidToken, which does not say why in detail.

    What was proven is remembered, for the same audience and table of issuers, until it expires.
    """
    for_whom, by_whom, exp, caller = _verified.get(token, ("", None, 0, None))
    if caller and for_whom == audience and by_whom is issuers and exp > time.time() - SKEW_SECONDS:
        return caller
    claims = _claims(token, audience, issuers)
    caller = _caller(claims, issuers[claims["iss"]])
    _keep(_verified, token, (audience, issuers, claims["exp"], caller))
    return caller


def _claims(token: str, audience: str, issuers: Mapping[str, Issuer]) -> dict[str, Any]:
    try:
        unverified: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        raise InvalidToken("The token is not a JWT.") from None
    _refuse_wrong_types(unverified)
    issuer = issuers.get(unverified.get("iss", ""))
    for text in issuer.keys if issuer else ():
        key = Ed25519PublicKey.from_public_bytes(decode_key(text))
        try:
            return jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                audience=audience,
                leeway=SKEW_SECONDS,
                options={"require": ["exp", "iat", "iss", "aud", "sub", "jti"]},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError:
            break
    raise InvalidToken("Mint a fresh token for this service and repeat the call.")


def _refuse_wrong_types(claims: Mapping[str, Any]) -> None:
    """PyJWT takes "17", 17.5 and true for a time; later arithmetic does not."""
    for names, kind in ((TEXTS, str), (TIMES, int)):
        for name in names:
            if name in claims and type(claims[name]) is not kind:
                raise InvalidToken(f"The claim {name} must be of the type {kind.__name__}.")


def _caller(claims: Mapping[str, Any], issuer: Issuer) -> Caller:
    """Who the claims name, if their issuer may claim these scopes and act for this subject."""
    if claims["exp"] - claims["iat"] > LIFETIME_SECONDS or not claims["sub"]:
        raise InvalidToken("A token lives 60 seconds at most and names its subject.")
    scopes = frozenset(claims.get("scope", "").split())
    if not scopes <= issuer.scopes:
        raise InvalidToken("The token claims a scope that its issuer may not have.")
    if not issuer.may_act_for(claims["sub"]):
        raise InvalidToken("The token names a subject that its issuer may not act for.")
    return Caller(subject=claims["sub"], issuer=claims["iss"], scopes=scopes)


class ServiceTokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`; without the header the request stays anonymous."""

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not scheme:
            return None
        if scheme.lower() != "bearer":
            raise InvalidToken("Use the scheme Bearer.")
        audience: str = settings.SERVICE_AUDIENCE
        issuers: Mapping[str, Issuer] = settings.SERVICE_ISSUERS
        return verify(token.strip(), audience=audience, issuers=issuers), None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def caller_of(request: Request) -> Caller:
    """The verified caller of `request`. Raises Unauthorized if there is none."""
    if isinstance(request.user, Caller):
        return request.user
    raise Unauthorized("Send a service token in the Authorization header.")


def scope(name: str) -> type[BasePermission]:
    """A permission: the caller's token must carry scope `name`."""
    challenge = f'Bearer error="insufficient_scope", scope="{name}"'

    class HasScope(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:
            if name not in caller_of(request).scopes:
                raise InsufficientScope(
                    f"The token lacks the scope {name}.", headers={"WWW-Authenticate": challenge}
                )
            return True

    return HasScope
