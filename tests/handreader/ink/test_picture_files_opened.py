"""Opening pictures: every common kind comes out upright and legible."""

import io
import os
from pathlib import Path

import numpy as np
import pytest
from picture_kinds import HIGH, INK, PAPER, WIDE, deep_grey, packed, palette, seven
from PIL import Image, ImageDraw

from handreader.ink.picture_files import FORMATS, RAW, SUFFIXES, Limits, open_picture

TURNS = {  # the EXIF note, and what the camera did to the upright picture
    3: Image.Transpose.ROTATE_180,
    6: Image.Transpose.ROTATE_90,
    8: Image.Transpose.ROTATE_270,
}


def assert_legible(picture: np.ndarray, contrast: float = 100, light_ink: bool = False) -> None:
    """Upright, of the right shape, and with the strokes where they were drawn."""
    assert picture.shape == (HIGH, WIDE, 3)
    assert picture.dtype == np.uint8
    grey = picture.astype(float).mean(2)
    ink, paper = grey[7:10, 10:30].mean(), grey[35:55].mean()
    assert (ink - paper if light_ink else paper - ink) > contrast
    assert abs(grey[15:28, 9:12].mean() - ink) < 20
    assert abs(grey[15:28, 20:38].mean() - paper) < 20


KINDS = {
    "colour PNG": (seven(), "PNG", {}),
    "one bit": (seven(0, 1, "1"), "PNG", {}),
    "palette": (palette(False), "PNG", {}),
    "palette on transparent paper": (palette(True), "PNG", {"transparency": 0}),
    "grey and alpha": (seven((20, 255), (250, 255), "LA"), "PNG", {}),
    "ink alone, dark": (seven((20, 20, 40, 255), (0, 0, 0, 0), "RGBA"), "PNG", {}),
    "ink alone, half transparent": (seven((0, 0, 0, 120), (0, 0, 0, 0), "RGBA"), "PNG", {}),
    "sixteen bits": (deep_grey(60_000, 4_000), "PNG", {}),
    "sixteen bits, of which twelve are used": (deep_grey(4000, 300), "TIFF", {}),
    "fractions": (deep_grey(1.0, 0.1, np.float32), "TIFF", {}),
    "JPEG": (seven(), "JPEG", {}),
    "CMYK JPEG": (seven().convert("CMYK"), "JPEG", {}),
    "GIF": (seven(), "GIF", {}),
    "BMP": (seven(), "BMP", {}),
    "TIFF": (seven(), "TIFF", {}),
    "fax TIFF": (seven(0, 1, "1"), "TIFF", {"compression": "group4"}),
    "WebP": (seven(), "WEBP", {}),
    "lossless WebP with alpha": (seven((0, 0, 0, 255), (0, 0, 0, 0), "RGBA"), "WEBP", {}),
    "PGM": (seven(20, 250, "L"), "PPM", {}),
    "two in one JPEG": (seven(), "MPO", {"save_all": True, "append_images": [seven()]}),
}


@pytest.mark.parametrize("name", KINDS)
def test_every_common_kind_is_opened(name: str):
    image, kind, options = KINDS[name]
    contrast = 60 if "half transparent" in name else 100
    assert_legible(open_picture(packed(image, kind, **options)), contrast)


def test_avif_is_opened_where_pillow_can():
    try:
        file = packed(seven(), "AVIF")
    except (OSError, KeyError):
        pytest.skip("this Pillow can't write AVIF")
    assert_legible(open_picture(file))


@pytest.mark.parametrize(
    "image",
    [
        seven((255, 255, 255, 255), (0, 0, 0, 0), "RGBA"),
        seven((240, 230, 150, 255), (255, 255, 255, 0), "RGBA"),
        seven((255, 255), (255, 0), "LA"),
    ],
    ids=["white", "chalk", "grey"],
)
def test_light_ink_on_nothing_is_put_on_dark_paper(image: Image.Image):
    assert_legible(open_picture(packed(image, "PNG")), light_ink=True)


def test_thin_writing_with_transparent_corners_stays_on_its_paper():
    image = Image.new("RGBA", (200, 200), (*PAPER, 255))
    ImageDraw.Draw(image).line((100, 40, 100, 160), fill=(*INK, 255), width=2)
    image.paste((0, 0, 0, 0), (0, 0, 9, 9))
    assert np.abs(open_picture(packed(image, "PNG"))[:9, :9].astype(int) - PAPER).max() <= 2


def test_levels_are_spread_from_black_to_the_lightest():
    values = np.array([[0, 300, 600, 900, 1200, 1500]], np.uint16)
    spread = [0, 51, 102, 153, 204, 255]
    assert open_picture(packed(Image.fromarray(values), "PNG"))[0, :, 1].tolist() == spread
    below = Image.fromarray(values.astype(np.float32) - 1000)
    assert open_picture(packed(below, "TIFF"))[0, :, 2].tolist() == spread
    odd = Image.fromarray(np.array([[0, 50, 100, np.nan, np.inf, -np.inf]], np.float32))
    assert open_picture(packed(odd, "TIFF"))[0, :, 0].tolist() == [0, 127, 255, 0, 0, 0]


@pytest.mark.parametrize("cover", [0, 64, 128, 255])
def test_half_transparent_ink_lets_its_paper_through(cover: int):
    image = seven((0, 0, 0, 255), (200, 200, 200, 255), "RGBA")
    image.putpixel((20, 50), (100, 0, 50, cover))
    red, green, blue = open_picture(packed(image, "PNG"))[50, 20].tolist()
    wanted = [round(200 + (each - 200) * cover / 255) for each in (100, 0, 50)]
    assert [red, green, blue] == pytest.approx(wanted, abs=1)


def test_many_pixels_of_one_tone_are_paper_and_few_are_ink():
    plain = Image.new("RGBA", (100, 100), (90, 90, 90, 255))
    plain.paste((0, 0, 0, 0), (0, 0, 100, 25))
    assert (open_picture(packed(plain, "PNG")) == 90).all()
    plain.paste((0, 0, 0, 0), (0, 0, 100, 35))
    assert (open_picture(packed(plain, "PNG"))[:35] == 255).all()


@pytest.mark.parametrize(("light", "ground"), [(161, 120), (159, 255)])
def test_two_tones_that_are_far_apart_are_ink_on_its_paper(light: int, ground: int):
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((80, 80, 80, 255), (0, 0, 100, 25))
    image.paste((light,) * 3 + (255,), (0, 25, 100, 50))
    assert open_picture(packed(image, "PNG"))[50:] == pytest.approx(ground, abs=1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize("note", TURNS)
def test_picture_is_turned_as_the_camera_was_held(note: int, kind: str):
    exif = Image.Exif()
    exif[0x0112] = note
    assert_legible(open_picture(packed(seven().transpose(TURNS[note]), kind, exif=exif)))


def test_damaged_note_of_a_camera_does_not_matter():
    file = packed(seven(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(range(60)))
    assert_legible(open_picture(file))


LARGE = {
    "RGB": seven(),
    "RGBA": seven((0, 0, 0, 255), (0, 0, 0, 0), "RGBA"),
    "LA": seven((0, 255), (250, 255), "LA"),
    "L": seven(20, 250, "L"),
    "P": palette(False),
    "P, transparent": palette(True),
    "1": seven(0, 1, "1"),
    "I;16": deep_grey(60_000, 4_000),
}


@pytest.mark.parametrize("name", LARGE)
def test_large_picture_of_any_mode_is_reduced(name: str):
    picture = open_picture(packed(LARGE[name], "PNG"), Limits(side=20))
    assert picture.shape == (20, 14, 3)
    grey = picture.mean(2)
    assert grey[12:].mean() - grey[2:4, 4:10].mean() > 100


def test_large_jpeg_is_reduced_and_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    file = packed(seven().transpose(TURNS[6]), "JPEG", exif=exif)
    picture = open_picture(file, Limits(side=30))
    assert picture.shape == (30, 20, 3)
    assert picture[20:].mean() - picture[4:5, 6:14].mean() > 80


def test_path_and_text_and_open_file_and_image_and_array_are_all_the_same(tmp_path: Path):
    path = tmp_path / os.fsdecode("sévén 7 #%.gif".encode())  # a name may lie about the kind
    seven().save(path, "PNG")
    array = np.asarray(seven())
    content = path.read_bytes()
    for source in (path, str(path), content, io.BytesIO(content), seven(), array):
        assert np.array_equal(open_picture(source), array)
    for grey in (array[..., 0], array[..., :1]):
        assert np.array_equal(open_picture(grey)[..., 2], array[..., 0])
    assert (open_picture(np.insert(array, 3, 0, axis=2)) == 255).all()  # wholly transparent


def test_names_that_are_looked_for_in_folders_are_of_kinds_that_can_be_opened():
    Image.init()
    kinds = Image.registered_extensions()
    assert all(kinds[suffix] in FORMATS for suffix in SUFFIXES)
    assert not RAW & SUFFIXES
