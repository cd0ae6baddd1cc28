"""Pictures in smaller sizes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0005_category_is_hidden")]

    operations = [
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=80)),
                ('side', models.PositiveIntegerField()),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('file', models.CharField(max_length=80)),
            ],
            options={
                'db_table': 'rendition',
                'constraints': [models.UniqueConstraint(fields=('source', 'side'), name='rendition_size_once')],
            },
        ),
    ]
