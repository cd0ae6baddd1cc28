"""Stock items, their movements, and the reservations of orders."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):


    dependencies = [
        ('catalogue', '0002_catalogue'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reservation',
            fields=[
                ('order_id', models.UUIDField(primary_key=True, serialize=False)),
                ('fingerprint', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('held', 'Held'), ('refused', 'Refused'), ('expired', 'Expired'), ('committed', 'Committed'), ('released', 'Released')], max_length=10)),
                ('hold', models.PositiveIntegerField(default=1)),
                ('expires_at', models.DateTimeField()),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('updated_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'db_table': 'reservation',
                'indexes': [models.Index(condition=models.Q(('state', 'held')), fields=['expires_at'], name='reservation_held_expiry')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['held', 'refused', 'expired', 'committed', 'released'])), name='reservation_state_known')],
            },
        ),
        migrations.CreateModel(
            name='StockItem',
            fields=[
                ('variant', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='stock_item', serialize=False, to='catalogue.variant')),
                ('on_hand', models.IntegerField(default=0)),
                ('reserved', models.IntegerField(default=0)),
                ('version', models.BigIntegerField(default=0)),
                ('low_at', models.PositiveIntegerField(default=5)),
            ],
            options={
                'db_table': 'stock_item',
                'constraints': [models.CheckConstraint(condition=models.Q(('reserved__gte', 0), ('reserved__lte', models.F('on_hand'))), name='stock_item_reserved_within_on_hand')],
            },
        ),
        migrations.CreateModel(
            name='ReservationLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=64)),
                ('quantity', models.PositiveIntegerField()),
                ('available_seen', models.IntegerField(null=True)),
                ('seen_version', models.BigIntegerField(null=True)),
                ('reservation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='inventory.reservation')),
                ('variant', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reservation_lines', to='catalogue.variant')),
            ],
            options={
                'db_table': 'reservation_line',
                'constraints': [models.UniqueConstraint(fields=('reservation', 'sku'), name='reservation_line_sku_once'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='reservation_line_quantity'), models.CheckConstraint(condition=models.Q(models.Q(('available_seen__isnull', True), ('seen_version__isnull', True)), models.Q(('available_seen__isnull', False), ('available_seen__lt', models.F('quantity')), ('seen_version__isnull', False)), _connector='OR'), name='reservation_line_short_is_short')],
            },
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=200)),
                ('version', models.BigIntegerField()),
                ('d_on_hand', models.IntegerField()),
                ('d_reserved', models.IntegerField()),
                ('reason', models.CharField(choices=[('reserve', 'Reserve'), ('release', 'Release'), ('expire', 'Expire'), ('commit', 'Commit'), ('restock', 'Restock'), ('received', 'Received from supplier'), ('counted', 'Counted'), ('damaged', 'Damaged or lost'), ('returned', 'Returned by a shopper'), ('corrected', 'Corrected')], max_length=10)),
                ('order_id', models.UUIDField(null=True)),
                ('actor', models.CharField(max_length=80)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('stock_item', models.ForeignKey(db_column='variant_id', db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='inventory.stockitem')),
            ],
            options={
                'db_table': 'stock_movement',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('order_id__isnull', False)), fields=['order_id'], name='stock_movement_order')],
                'constraints': [models.UniqueConstraint(fields=('reference',), name='stock_movement_reference_once'), models.UniqueConstraint(fields=('stock_item', 'version'), name='stock_movement_version_once'), models.CheckConstraint(condition=models.Q(('d_on_hand', 0), ('d_reserved', 0), _negated=True), name='stock_movement_moves'), models.CheckConstraint(condition=models.Q(('reason__in', ['reserve', 'release', 'expire', 'commit', 'restock', 'received', 'counted', 'damaged', 'returned', 'corrected'])), name='stock_movement_reason_known')],
            },
        ),
    ]
