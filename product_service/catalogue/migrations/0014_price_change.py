"""Every price that a variant had. A trigger writes it, whichever version changes the price."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

AMOUNT = {"max_digits": 12, "decimal_places": 2}


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0013_former_slug")]

    operations = [
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="PriceChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("amount", models.DecimalField(**AMOUNT)),
                ("prior_amount", models.DecimalField(null=True, **AMOUNT)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalogue.variant",
                    ),
                ),
            ],
            options={"db_table": "price_change", "ordering": ["-at", "-id"]},
        ),
        migrations.AddIndex(
            "pricechange",
            models.Index(fields=["variant", "at"], name="price_change_of_variant"),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION remember_price() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF NEW.amount = OLD.amount
                            AND NEW.prior_amount IS NOT DISTINCT FROM OLD.prior_amount THEN
                        RETURN NULL;
                    END IF;
                    INSERT INTO price_change (variant_id, amount, prior_amount, at)
                    SELECT OLD.variant_id, OLD.amount, OLD.prior_amount, OLD.changed_at
                    WHERE NOT EXISTS (SELECT FROM price_change WHERE variant_id = OLD.variant_id);
                END IF;
                INSERT INTO price_change (variant_id, amount, prior_amount, at)
                VALUES (NEW.variant_id, NEW.amount, NEW.prior_amount, clock_timestamp());
                RETURN NULL;
            END $$;
            CREATE TRIGGER price_remembered AFTER INSERT OR UPDATE ON price
            FOR EACH ROW EXECUTE FUNCTION remember_price();
            """,
            """
            DROP TRIGGER price_remembered ON price;
            DROP FUNCTION remember_price();
            """,
        ),
    ]
