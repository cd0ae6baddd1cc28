"""A category can be hidden."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_search_joined")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name='category',
            name='is_hidden',
            field=models.BooleanField(db_default=False, default=False, help_text='It has no page and is in no menu. What is in it shows in the category above, or under All products.', verbose_name='hidden'),
        ),
    ]
