"""Who the shop is. A new table: no previous version knows it."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='ShopSettings',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(default='TechCommerce', help_text='Signs every mail.', max_length=60)),
                ('company', models.CharField(blank=True, help_text='The trader, as the law wants it named.', max_length=120)),
                ('address', models.TextField(blank=True, help_text='One line each.', max_length=400)),
                ('registration', models.CharField(blank=True, help_text='Register and number, like HRB 12345, Berlin.', max_length=120)),
                ('vat_id', models.CharField(blank=True, max_length=20, verbose_name='VAT ID')),
                ('email', models.EmailField(blank=True, help_text='For questions.', max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, max_length=40)),
                ('sender', models.CharField(blank=True, help_text='Whom mails come from, like TechCommerce &lt;shop@example.org&gt;. Its domain must be one that the mail server may send for. Empty: EMAIL_FROM of the environment.', max_length=320)),
            ],
            options={
                'verbose_name': 'shop settings',
                'verbose_name_plural': 'shop settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='shop_settings_are_one')],
            },
        ),
    ]
