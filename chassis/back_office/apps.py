from django.contrib.admin.apps import AdminConfig


class BackOfficeConfig(AdminConfig):
    """Django's admin, with our site as `admin.site`."""

    default_site = "chassis.back_office.site.StaffSite"
