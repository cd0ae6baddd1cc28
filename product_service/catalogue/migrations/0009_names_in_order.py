"""Names sort as people expect; nothing changes in the database."""

from django.db import migrations

from product_service.catalogue.sorting import SortKey


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0008_fill_name_key")]

    operations = [
        migrations.AlterModelOptions(
            name='attribute',
            options={'ordering': ['position', SortKey('name')]},
        ),
        migrations.AlterModelOptions(
            name='attributevalue',
            options={'ordering': ['attribute__position', SortKey('attribute__name')]},
        ),
        migrations.AlterModelOptions(
            name='category',
            options={'ordering': ['position', SortKey('name')], 'verbose_name_plural': 'categories'},
        ),
        migrations.AlterModelOptions(
            name='option',
            options={'ordering': ['position', SortKey('name')]},
        ),
        migrations.AlterModelOptions(
            name='product',
            options={'ordering': ['name_key', 'id']},
        ),
    ]
