"""Draws what a command printed as an SVG of a terminal: `ml-training demo | python -m tools.terminal TITLE > docs/images/demo.svg`."""

import sys
from html import escape

LINE, CHARACTER, PADDING, BAR = 20, 8.4, 20, 40  # pixels
STYLE = "font: 14px ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace"
LIGHTS = ("#ff5f57", "#febc2e", "#28c840")


def draw(title: str, lines: list[str]) -> str:
    columns = max(len(line) for line in [*lines, title])
    width = round(columns * CHARACTER + 2 * PADDING)
    height = BAR + len(lines) * LINE + 2 * PADDING
    lights = "".join(
        f'<circle cx="{20 + 20 * place}" cy="20" r="6" fill="{color}"/>'
        for place, color in enumerate(LIGHTS)
    )
    rows = "".join(
        f'<text x="{PADDING}" y="{BAR + PADDING + number * LINE + 6}" xml:space="preserve">'
        f"{escape(line)}</text>"
        for number, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}">'
        f"<title>{escape(title)}</title>"
        f'<rect width="100%" height="100%" rx="10" fill="#1c2128"/>{lights}'
        f'<g fill="#d6dde6" style="{STYLE}">'
        f'<text x="50%" y="25" text-anchor="middle" fill="#8b949e">{escape(title)}</text>'
        f"{rows}</g></svg>\n"
    )


if __name__ == "__main__":
    print(draw(sys.argv[1], sys.stdin.read().rstrip().splitlines()), end="")
