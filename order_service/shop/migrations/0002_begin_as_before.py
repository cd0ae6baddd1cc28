"""The one row, as mails were until now: from TechCommerce, and from EMAIL_FROM."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def fill(apps: Any, schema_editor: Any) -> None:
    apps.get_model("shop", "ShopSettings").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("shop", "0001_shop_settings")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
