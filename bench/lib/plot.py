"""A plot of ratios as SVG: a line a row and peer, a dot for the median, a bar for the range, a rule at 1."""

from html import escape

_LINE, _LEFT, _WIDTH, _TOP = 18, 330, 420, 50


def ratios_plot(title, rows):
    entries = [(f"{row}: {name}", entry["ratio"]) for row, comparison in rows.items()
               for name, entry in comparison.items() if "ratio" in entry]
    largest = max([1.2, *(ratio["max"] for _, ratio in entries)]) * 1.05

    def x(value):
        return _LEFT + value / largest * _WIDTH

    height = _TOP + _LINE * len(entries) + 30
    bottom = height - 25
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 20}" height="{height}" '
             'font-family="sans-serif" font-size="12">',
             '<rect width="100%" height="100%" fill="white"/>',
             f'<text x="10" y="20" font-size="14">{escape(title)}</text>',
             '<text x="10" y="38" fill="#555">postern divided by its peer: below 1, postern needs less</text>']
    for tick in (each / 4 for each in range(int(largest * 4) + 1)):
        parts.append(f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{_TOP - 5}" y2="{bottom}" '
                     f'stroke="{"#000" if tick == 1 else "#ddd"}"/>'
                     f'<text x="{x(tick):.1f}" y="{bottom + 15}" text-anchor="middle">{tick:g}</text>')
    for number, (label, ratio) in enumerate(entries):
        y = _TOP + _LINE * number + _LINE / 2
        parts.append(f'<text x="{_LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(label)}</text>'
                     f'<line x1="{x(ratio["min"]):.1f}" x2="{x(ratio["max"]):.1f}" y1="{y}" y2="{y}" '
                     'stroke="#36c" stroke-width="4" stroke-opacity="0.4"/>'
                     f'<circle cx="{x(ratio["median"]):.1f}" cy="{y}" r="4" fill="#36c"/>')
    return "\n".join([*parts, "</svg>"]) + "\n"
