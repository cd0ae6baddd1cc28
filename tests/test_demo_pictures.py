"""The list of the demo shop's pictures, what draws them and what is committed agree."""

from __future__ import annotations

from xml.etree import ElementTree

from product_service.demo.pictures import manifest
from product_service.demo.shapes import SHAPES, views
from tools.demo_pictures.sheets import DRAW, svg


def test_every_picture_of_the_list_is_committed_and_no_other() -> None:
    finished = {name: picture.alt for name, picture in manifest().items()}
    assert {view.name: view.alt for view in views()} == finished


def test_every_shape_can_be_drawn() -> None:
    assert list(DRAW) == list(SHAPES)
    for view in views():
        drawing = ElementTree.fromstring(svg(view))
        assert len(list(drawing.iter())) > 10, view.name
