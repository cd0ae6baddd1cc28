"""Tables of bulk changes. The version before knows none of them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('catalogue', '0002_catalogue'),
    ]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('prices', 'Change prices'), ('publish', 'Publish'), ('unpublish', 'Unpublish'), ('move', 'Move to a category')], max_length=12)),
                ('product_ids', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('rule', models.JSONField(default=dict)),
                ('left_out', models.JSONField(default=dict)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('asked_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('actor', models.CharField(max_length=150, verbose_name='by')),
                ('previewed_at', models.DateTimeField(editable=False, null=True)),
                ('made_at', models.DateTimeField(editable=False, null=True)),
                ('undone_at', models.DateTimeField(editable=False, null=True)),
                ('undone_by', models.CharField(blank=True, max_length=150)),
                ('undo_left', models.PositiveIntegerField(default=0)),
            ],
            options={
                'db_table': 'bulk_change',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('made_at', None)), fields=['asked_at'], name='bulk_change_not_made')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['prices', 'publish', 'unpublish', 'move'])), name='bulk_change_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='PriceLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.DecimalField(decimal_places=2, max_digits=12)),
                ('after', models.DecimalField(decimal_places=2, max_digits=12)),
                ('prior_before', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('prior_after', models.DecimalField(decimal_places=2, max_digits=12, null=True)),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_lines', to='bulk.bulkchange')),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='price_lines', to='catalogue.variant')),
            ],
            options={
                'db_table': 'bulk_price_line',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('change', 'variant'), name='bulk_price_line_once'), models.CheckConstraint(condition=models.Q(('after', models.F('before')), _negated=True), name='bulk_price_line_changes')],
            },
        ),
        migrations.CreateModel(
            name='ProductLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('before', models.JSONField()),
                ('after', models.JSONField()),
                ('change', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='product_lines', to='bulk.bulkchange')),
                ('product', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bulk_lines', to='catalogue.product')),
            ],
            options={
                'db_table': 'bulk_product_line',
                'ordering': ['id'],
                'constraints': [models.UniqueConstraint(fields=('change', 'product'), name='bulk_product_line_once')],
            },
        ),
    ]
