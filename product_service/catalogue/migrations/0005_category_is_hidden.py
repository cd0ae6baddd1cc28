"""A category can be hidden."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0004_search_joined")]

    operations = [
        migrations.AddField(
            model_name='category',
            name='is_hidden',
            field=models.BooleanField(db_default=False, default=False, help_text='It has no page and is in no menu. Its products show in the category above.', verbose_name='hidden'),
        ),
    ]
