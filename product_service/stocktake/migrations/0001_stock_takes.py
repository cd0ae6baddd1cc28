"""Count sheets: new tables, which the version before does not know."""

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
            name='StockTake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80)),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('opened_by', models.CharField(max_length=150)),
                ('references', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('booked_at', models.DateTimeField(editable=False, null=True)),
                ('booked_by', models.CharField(blank=True, max_length=150)),
                ('reason', models.CharField(blank=True, max_length=150)),
            ],
            options={
                'verbose_name': 'stock-take',
                'db_table': 'stock_take',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='CountLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('counted', models.PositiveIntegerField(null=True)),
                ('on_books', models.IntegerField(null=True)),
                ('counted_at', models.DateTimeField(null=True)),
                ('counted_by', models.CharField(blank=True, max_length=150)),
                ('variant', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='count_lines', to='catalogue.variant')),
                ('stock_take', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='stocktake.stocktake')),
            ],
            options={
                'db_table': 'stock_take_line',
                'ordering': ['variant__sku'],
                'constraints': [models.UniqueConstraint(fields=('stock_take', 'variant'), name='stock_take_line_variant_once'), models.CheckConstraint(condition=models.Q(models.Q(('counted', None), ('counted_at', None), ('on_books', None)), models.Q(('counted__isnull', False), ('counted_at__isnull', False), ('on_books__isnull', False)), _connector='OR'), name='stock_take_line_counted_whole')],
            },
        ),
    ]
