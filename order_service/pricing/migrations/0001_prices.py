"""What the owner of the shop decides about prices. New tables: no previous version knows them."""

import django.core.validators
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Country',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='By ISO 3166-1, in two capital letters like DE.', max_length=2, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z]{2}$', 'Write two capital letters, like DE.')])),
                ('name', models.CharField(max_length=60)),
                ('is_served', models.BooleanField(default=True, verbose_name='delivered to')),
            ],
            options={
                'verbose_name_plural': 'countries',
                'ordering': ['name', 'id'],
            },
        ),
        migrations.CreateModel(
            name='ShippingMethod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='Known to other programs; it stays.', max_length=20, unique=True, validators=[django.core.validators.RegexValidator('^[a-z0-9][a-z0-9_-]{0,19}$', 'Use small letters, digits, - and _.')])),
                ('name', models.CharField(max_length=60)),
                ('estimate', models.CharField(help_text='When it arrives, as a shopper reads it: 2 to 4 working days.', max_length=60)),
                ('price', models.DecimalField(decimal_places=2, max_digits=12)),
                ('free_from', models.DecimalField(blank=True, decimal_places=2, help_text='Goods of this value or more are shipped for free. Empty: never.', max_digits=12, null=True)),
                ('position', models.PositiveSmallIntegerField(default=0, help_text='The lowest comes first, and a checkout begins with it.')),
                ('is_offered', models.BooleanField(default=True, verbose_name='offered')),
            ],
            options={
                'ordering': ['position', 'id'],
                'constraints': [models.CheckConstraint(condition=models.Q(('price__gte', 0), models.Q(('free_from__isnull', True), ('free_from__gte', 0), _connector='OR')), name='shipping_method_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='TaxRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tax_class', models.CharField(choices=[('standard', 'Standard'), ('reduced', 'Reduced'), ('zero', 'Zero')], default='standard', max_length=20)),
                ('country', models.CharField(blank=True, help_text='Where the parcel goes, in two capital letters like DE. Empty: to every country that has no rate of its own.', max_length=2, validators=[django.core.validators.RegexValidator('^[A-Z]{2}$', 'Write two capital letters, like DE.')])),
                ('rate', models.DecimalField(decimal_places=4, help_text='Write it as a share: 0.19 for 19 %.', max_digits=5, validators=[django.core.validators.MinValueValidator(Decimal('0'), 'Write it as a share: 0.19 for 19 %%.'), django.core.validators.MaxValueValidator(Decimal('0.9999'), 'Write it as a share: 0.19 for 19 %%.')])),
            ],
            options={
                'ordering': ['tax_class', 'country'],
                'constraints': [models.UniqueConstraint(fields=('tax_class', 'country'), name='tax_rate_once'), models.CheckConstraint(condition=models.Q(('rate__gte', 0), ('rate__lt', 1)), name='tax_rate_is_a_share')],
            },
        ),
    ]
