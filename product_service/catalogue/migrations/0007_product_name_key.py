"""A column for the order of names, and the trigger that keeps it, whoever writes a name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0006_rendition")]

    operations = [
        # Rather try again than hold up a shop at work.
        migrations.RunSQL("SET LOCAL lock_timeout = '2s'", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="product",
            name="name_key",
            field=models.BinaryField(editable=False, null=True),
        ),
        migrations.RunSQL(
            """
            CREATE FUNCTION product_name_key() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                NEW.name_key := sort_key(NEW.name);
                RETURN NEW;
            END $$;
            CREATE TRIGGER product_name_key BEFORE INSERT OR UPDATE OF name ON product
            FOR EACH ROW EXECUTE FUNCTION product_name_key();
            """,
            """
            DROP TRIGGER product_name_key ON product;
            DROP FUNCTION product_name_key();
            """,
        ),
    ]
