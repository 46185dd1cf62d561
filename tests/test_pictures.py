"""Pictures are opened upright and in RGB, or refused in half a sentence."""

from pathlib import Path

import pytest
from PIL import Image

from core.pictures import PictureError, open_picture, pixel_digest, to_data_url

RED, WHITE = (255, 0, 0), (255, 255, 255)
WIDE = Image.new("RGB", (40, 30), RED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    WIDE.save(tmp_path / "a.png")
    return tmp_path


def test_a_picture_is_the_same_however_it_is_given(folder: Path) -> None:
    content = (folder / "a.png").read_bytes()
    given = ["a.png", content, {"bytes": content, "path": None}, {"path": "a.png"}, WIDE]
    given += [to_data_url(WIDE), to_data_url(WIDE, "BMP")]
    assert {pixel_digest(open_picture(value, folder)) for value in given} == {pixel_digest(WIDE)}
    assert pixel_digest(WIDE) != pixel_digest(WIDE.resize((30, 40)))


def test_it_stands_upright(folder: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter, as phones write it
    WIDE.save(folder / "turned.jpg", exif=exif)
    assert open_picture("turned.jpg", folder).size == (30, 40)


def test_a_large_jpeg_is_read_as_large_as_it_is_needed(folder: Path) -> None:
    WIDE.resize((1600, 1200)).save(folder / "large.jpg")
    assert open_picture("large.jpg", folder, side=256).size == (400, 300)
    assert open_picture("a.png", folder, side=256).size == WIDE.size


def test_of_two_pictures_in_a_jpeg_the_first_counts(folder: Path) -> None:
    WIDE.save(folder / "two.jpg", "MPO", save_all=True, append_images=[WIDE.resize((8, 8))])
    assert open_picture("two.jpg", folder).size == WIDE.size


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_every_mode_becomes_rgb(folder: Path, mode: str) -> None:
    ending = "jpg" if mode == "CMYK" else "png"
    WIDE.convert(mode).save(folder / f"b.{ending}")
    assert open_picture(f"b.{ending}", folder).mode == "RGB"


def test_what_is_transparent_is_white(folder: Path) -> None:
    Image.new("RGBA", (8, 8), (*RED, 0)).save(folder / "clear.png")
    assert open_picture("clear.png", folder).getpixel((0, 0)) == WHITE


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cut.jpg", "is damaged or cut off"),
        ("words.png", "is no PNG, JPEG, WEBP or BMP picture"),
        ("moving.webp", "is animated"),
        ("deep.png", "has other than 8 bits a channel"),
        ("../a.png", "leads out of"),
        ("link.png", "leads out of"),
        ("a\0.png", "is no name of a file"),
        ("a" * 5000, "is no name of a file"),
        (".", "there is no such file"),
        (b"\0\0\0\x18ftypheic", "is HEIC"),
        (7.5, "is 7.5, which is no path"),
        (float("nan"), "is missing"),
        ("data:text/plain;base64,QQ==", "does not begin like"),
        ("data:image/png;base64,Q", "is damaged or cut off"),
    ],
)
def test_what_is_no_picture_is_said(folder: Path, name: object, words: str) -> None:
    inner = folder / "inner"
    inner.mkdir()
    WIDE.save(inner / "cut.jpg")
    (inner / "cut.jpg").write_bytes((inner / "cut.jpg").read_bytes()[:-100])
    (inner / "words.png").write_text("words")
    WIDE.save(inner / "moving.webp", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    Image.new("I;16", (8, 8)).save(inner / "deep.png")
    (inner / "link.png").symlink_to(folder / "a.png")
    with pytest.raises(PictureError, match=words):
        open_picture(name, inner)
