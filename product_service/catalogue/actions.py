"""Every change of the catalogue. Each makes finished answers unreachable once it is committed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce, Now

from product_service.catalogue.cache import bump_after_commit
from product_service.catalogue.former_slugs import FormerSlug
from product_service.catalogue.models import Category, Option, Price, Product, Variant
from product_service.catalogue.pictures import Picture
from product_service.catalogue.renditions import Rendition


def changed() -> None:
    """Something that shoppers see was changed in this transaction."""
    bump_after_commit()


@transaction.atomic
def publish(*, products: Iterable[Product]) -> list[Product]:
    """Show the products to shoppers; returns those that cannot be shown.

    They have nothing to buy, or a picture that nobody has described.
    """
    ids = {product.pk for product in products}
    ready = Product.objects.kept().buyable().filter(pk__in=ids).exclude(images__needs_alt=True)
    buyable = set(ready.values_list("pk", flat=True))
    Product.objects.filter(pk__in=buyable).update(
        is_published=True,
        published_at=Coalesce("published_at", Now()),
        publish_at=None,
        updated_at=Now(),
    )
    changed()
    return list(Product.objects.filter(pk__in=ids - buyable))


@transaction.atomic
def keep_address(*, product: Product, former: str) -> None:
    """Let links to the slug `former` lead to the product, which has another one now."""
    FormerSlug.objects.filter(slug=product.slug).delete()
    if former and former != product.slug:
        FormerSlug.objects.update_or_create(slug=former, defaults={"product": product})
    changed()


def unpublish(*, products: Iterable[Product]) -> int:
    """Hide the products from shoppers; orders and stock stay as they are. Returns how many."""
    return _update(products, is_published=False)


def remove(*, products: Iterable[Product]) -> int:
    """Take the products out of the shop; `restore` brings them back. Returns how many.

    Their rows stay, because orders and movements name them.
    """
    return _update(products, is_published=False, deleted_at=Now())


def restore(*, products: Iterable[Product]) -> int:
    """Bring removed products back, unpublished, with all that they had. Returns how many."""
    return _update(products, deleted_at=None)


@transaction.atomic
def change_price(*, variant: Variant, **amounts: Decimal | None) -> None:
    """Sell the variant at `amount`; `prior_amount` is shown struck through beside it.

    What is not given stays; a variant's first price needs `amount`.
    """
    Price.objects.update_or_create(variant=variant, defaults=amounts)
    changed()


def add_options(*, names: Mapping[str, str]) -> None:
    """Have options by code, each with its name, that products may use from now on."""
    place = Option.objects.count()
    rows = [Option(code=code, name=name, position=place) for code, name in names.items()]
    Option.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def stage_picture(*, picture: Picture) -> str:
    """Keep the picture until a form that shows it is saved; returns the name of its file."""
    name = picture.store()
    add_sizes(source=name, pictures=picture.smaller)
    return name


@transaction.atomic
def add_sizes(*, source: str, pictures: Iterable[Picture]) -> None:
    """Keep smaller pictures of the one in the file `source`; those that are there stay."""
    Rendition.objects.bulk_create(
        [
            Rendition(
                source=source,
                side=picture.side,
                width=picture.width,
                height=picture.height,
                file=picture.store(),
            )
            for picture in pictures
        ],
        ignore_conflicts=True,
    )
    changed()


@transaction.atomic
def hide_categories(*, categories: Iterable[Category], is_hidden: bool) -> int:
    """Take the categories out of the menus, or put them back; what is in them stays reachable.

    Returns how many.
    """
    changed()
    ids = [category.pk for category in categories]
    return Category.objects.filter(pk__in=ids).update(is_hidden=is_hidden)


@transaction.atomic
def _update(products: Iterable[Product], **values: Any) -> int:
    changed()
    ids = [product.pk for product in products]
    return Product.objects.filter(pk__in=ids).update(**values, updated_at=Now())
