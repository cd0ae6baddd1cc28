"""Pictures on the form of a product: many at once, kept while the form is not yet right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, JsonResponse, QueryDict

from product_service.backoffice.option_names import OptionNames
from product_service.catalogue import actions
from product_service.catalogue.models import Image
from product_service.catalogue.options import write_choice
from product_service.catalogue.pictures import PictureRefused, prepare

SALT = "product_service.picture"
KEPT_SECONDS = 86_400  # how long a form may be open between choosing a picture and saving it
PICTURES_MAX = 60
FILE_INPUT = {
    "accept": "image/jpeg,image/png,image/webp",
    "data-together": str(settings.UPLOADS_TOGETHER),
}


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class ManyFilesField(forms.FileField):
    """Files that are looked at one by one before the form is; see `stage_uploads`."""

    widget = ManyFiles

    def clean(self, data: Any, initial: Any = None) -> None:
        return None


def stage(upload: UploadedFile[bytes]) -> str:
    """Keep the picture in `upload`; returns what a form sends to have it. Raises PictureRefused."""
    picture = prepare(upload)
    name = actions.stage_picture(picture=picture)
    return signing.dumps([name, picture.width, picture.height], salt=SALT)


def show_staged(image: Image, token: str) -> bool:
    """Let `image` show what was kept under `token`. False if nothing is, or too long ago."""
    try:
        name, width, height = signing.loads(token, salt=SALT, max_age=KEPT_SECONDS)
    except signing.BadSignature:
        return False
    image.file, image.width, image.height = name, width, height
    return True


def stage_uploads(request: HttpRequest, sent: QueryDict) -> list[ValidationError]:
    """Keep every picture that was sent, and name it in `sent`; those chosen together get rows.

    Returns what is wrong with files chosen together; the form of a row tells of its own file.
    """
    for name in [each for each in request.FILES if each.endswith("-upload")]:
        for upload in request.FILES.getlist(name)[-1:]:
            try:
                sent[name.removesuffix("upload") + "stored"] = stage(upload)
            except PictureRefused:
                continue
    return list(_stage_together(request.FILES.getlist("pictures"), sent))


def _stage_together(
    uploads: Iterable[UploadedFile[bytes]], sent: QueryDict
) -> Iterable[ValidationError]:
    for upload in uploads:
        total = sent.get("images-TOTAL_FORMS") or "0"
        n = int(total) if total.isascii() and total.isdigit() else PICTURES_MAX
        if n >= PICTURES_MAX:
            yield ValidationError(f"A product has {PICTURES_MAX} pictures at most.")
            return
        try:
            sent[f"images-{n}-stored"] = stage(upload)
        except PictureRefused as refused:
            yield ValidationError(f"“{upload.name}”: {refused}")
            continue
        sent[f"images-{n}-position"] = str(n)
        sent["images-TOTAL_FORMS"] = str(n + 1)


def answer_upload(request: HttpRequest) -> JsonResponse:
    """One picture, sent by itself when it is chosen: what the form sends to have it, or why not."""
    upload = request.FILES.get("picture")
    if upload is None:
        return JsonResponse({"error": "No picture arrived. Choose it again."})
    try:
        stored = stage(upload)
    except PictureRefused as refused:
        return JsonResponse({"error": f"“{upload.name}”: {refused}"})
    image = Image()
    show_staged(image, stored)
    return JsonResponse({"stored": stored, "url": default_storage.url(image.file.name)})


class ImageForm(forms.ModelForm):  # type: ignore[type-arg]
    """A picture with the text for those who cannot see it; a new one needs a file."""

    names: OptionNames  # of the form that it is part of
    values: Iterable[tuple[str, str]] = ()  # name and value of each option of the product
    is_published = False  # whether the product will be, once this is saved

    upload = forms.FileField(
        label="Picture",
        required=False,
        help_text="JPEG, PNG or WebP up to 10 MB, 30 MB at once.",
        widget=forms.FileInput(attrs={**FILE_INPUT, "aria-label": "Picture"}),
    )
    stored = forms.CharField(label="Picture", required=False, widget=forms.HiddenInput)
    for_value = forms.ChoiceField(
        label="Shows all", required=False, help_text="The variants that it is a picture of."
    )
    writes = {
        "upload": ("file", "width", "height"),
        "stored": ("file", "width", "height"),
        "alt": ("alt", "needs_alt"),
        "for_value": ("option_code", "option_value"),
    }
    gone = (
        "Somebody else deleted this picture after you opened this page."
        " Choose its file again to add it anew, or remove it."
    )

    class Meta:
        model = Image
        fields = ("alt", "variant", "position")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        image = self.instance
        self.fields["alt"].required = False
        self.fields["alt"].widget.attrs["aria-label"] = "Alternative text"
        self.fields["position"].widget.attrs["aria-label"] = "Position"
        chooser: Any = self.fields["variant"].widget  # wrapped by the admin
        getattr(chooser, "widget", chooser).attrs["aria-label"] = "Variant"
        if image.needs_alt:
            self.initial["alt"] = ""
        self._offer_values()
        if self.is_bound and not image.pk:
            show_staged(image, self.data.get(self.add_prefix("stored")) or "")

    def _offer_values(self) -> None:
        image = self.instance
        kept = self.names.named(
            {image.option_code: image.option_value} if image.option_code else {}
        )
        self._pairs = {write_choice({n: v}): (n, v) for n, v in (*self.values, *kept.items())}
        self.initial["for_value"] = write_choice(kept)
        field: Any = self.fields["for_value"]
        field.choices = [("", "all variants"), *((text, text) for text in self._pairs)]
        field.widget.attrs["aria-label"] = "Shows all"

    def clean_stored(self) -> str:
        token: str = self.cleaned_data["stored"] or ""
        if token and not show_staged(self.instance, token):
            raise ValidationError("This picture was kept for a day. Choose its file again.")
        return token

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if upload := data.get("upload"):
            self._refuse(upload)
        elif not self.instance.file and not self.errors:
            self.add_error("upload", "Choose a picture.")
        if not data.get("alt") and self.is_published and "alt" not in self.errors:
            self.add_error(
                "alt", "Say what the picture shows: the product is in the shop, or about to be."
            )
        return data

    def _refuse(self, upload: UploadedFile[bytes]) -> None:
        try:
            prepare(upload)
        except PictureRefused as refused:
            self.add_error("upload", str(refused))

    def save(self, commit: bool = True) -> Image:
        image: Image = self.instance
        data = self.cleaned_data
        image.needs_alt = not data.get("alt")
        if image.needs_alt:
            image.alt = image.product.name
        name, value = self._pairs.get(data.get("for_value") or "", ("", ""))
        image.option_code = self.names.code_of(name) if name else ""
        image.option_value = value
        saved: Image = super().save(commit=commit)
        return saved
