"""Rewrite the pictures of README.md from the figures of the last run; `make docs` calls it.

The run must be that of the default paper, which a test compares the pictures with.
"""

from pathlib import Path

from PIL import Image

FIGURES = {"index_map": "index_map", "robustness": "robustness_figure"}
"""Figure by the name of its picture."""
WIDTH = 1100
"""Pixels, on a page of GitHub about one to one."""
COLOURS = 128
"""A palette that maps and lines fill without visible loss, at a quarter of the size."""


def picture(figure: Path) -> Image.Image:
    """Return a figure in the size and colours of a picture.

    Parameters
    ----------
    figure : Path
        PNG file of a run.

    Returns
    -------
    Image
        `WIDTH` pixels wide, with a palette.
    """
    with Image.open(figure) as drawn:
        height = round(drawn.height * WIDTH / drawn.width)
        small = drawn.convert("RGB").resize((WIDTH, height), Image.Resampling.LANCZOS)
    return small.quantize(COLOURS, dither=Image.Dither.NONE)


def main(results: Path = Path("results/figures"), target: Path = Path("docs/images")) -> None:
    """Write the pictures whose figures a run has made.

    Parameters
    ----------
    results : Path, default "results/figures"
        Folder of the figures.
    target : Path, default "docs/images"
        Folder of the pictures.
    """
    for name, figure in FIGURES.items():
        if (results / f"{figure}.png").is_file():
            picture(results / f"{figure}.png").save(target / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
