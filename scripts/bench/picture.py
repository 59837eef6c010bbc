"""Pictures of what static_vs_dynamic measured: picture.py ratios|timeline|scaling CSV prints an SVG.

Colours are those of Okabe and Ito (2008), which the colour-blind can tell apart.
"""
import csv
import math
import statistics
import sys
from collections import defaultdict
from html import escape

WIDTH = 900
INK, SOFT, GRID, PAPER = "#1f2328", "#59636e", "#d8dee4", "#ffffff"
BLUE, SKY, ORANGE, RED, GREEN, GREY = "#0072b2", "#56b4e9", "#e69f00", "#d55e00", "#009e73", "#8c959f"


class Picture:
    """A list of SVG elements and the height that they need."""

    def __init__(self, title, *below):
        self.parts = []
        self.height = 0
        self.text(20, 32, title, size=17, weight="bold")
        for line, words in enumerate(below):
            self.text(20, 54 + 18 * line, words, fill=SOFT)

    def text(self, x, y, words, size=13, fill=INK, anchor="start", weight="normal"):
        self.height = max(self.height, y + size)
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{fill}" text-anchor="{anchor}" '
                          f'font-weight="{weight}">{escape(words)}</text>')

    def box(self, x, y, width, height, fill, stroke="none", stroke_width=1.0):
        self.height = max(self.height, y + height + 8)
        self.parts.append(f'<rect x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}" fill="{fill}" '
                          f'stroke="{stroke}" stroke-width="{stroke_width}"/>')

    def line(self, points, stroke, width=1.0, dash=""):
        places = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.parts.append(f'<polyline points="{places}" fill="none" stroke="{stroke}" stroke-width="{width}" '
                          f'stroke-dasharray="{dash}" stroke-linejoin="round"/>')

    def bars(self, boxes, fill):
        """Many boxes of one colour as one element, which keeps the file small."""
        shapes = "".join(f"M{x:.2f} {y:.1f}h{width:.2f}v{height:.1f}h{-width:.2f}z" for x, y, width, height in boxes)
        self.parts.append(f'<path d="{shapes}" fill="{fill}"/>')

    def marker(self, x, y, fill, shape):
        if shape == "circle":
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{fill}"/>')
        elif shape == "square":
            self.bars([(x - 3.2, y - 3.2, 6.4, 6.4)], fill)
        else:
            self.parts.append(f'<path d="M{x:.1f} {y - 4.5:.1f}l4.5 8h-9z" fill="{fill}"/>')

    def svg(self):
        height = math.ceil(self.height + 8)
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            'font-family="Helvetica, Arial, DejaVu Sans, sans-serif">',
            f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>', *self.parts, "</svg>"])


def rows_of(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def shade(ratio):
    """White at the ideal, blue where it took twice as long, dark at four times: a scale of logarithms."""
    light, middle, dark = (255, 255, 255), (116, 173, 209), (8, 48, 107)
    part = min(math.log2(max(ratio, 1.0)) / 2, 1.0) * 2
    begin, end, share = (light, middle, part) if part <= 1 else (middle, dark, part - 1)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(begin, end))


def medians(rows):
    """Makespan ÷ ideal by policy, then scenario; the scenarios in their order; the policies sorted, other tools last."""
    found = defaultdict(lambda: defaultdict(list))
    rows = [row for row in rows if row["scenario"] not in ("slow-equal", "slow-lognormal")]  # of auto alone
    for row in rows:
        found[row["policy"]][row["scenario"]].append(float(row["ratio"]))
    table = {policy: {name: statistics.median(all_of) for name, all_of in by_scenario.items()}
             for policy, by_scenario in found.items()}
    peers = {row["policy"] for row in rows if row["kind"] == "peer"}

    def order(policy):
        return policy in peers, statistics.mean(math.log(ratio) for ratio in table[policy].values())

    return table, list(dict.fromkeys(row["scenario"] for row in rows)), sorted(table, key=order), peers


def ratios(rows):
    table, scenarios, policies, peers = medians(rows)
    picture = Picture(f"auto takes at most {max(table['auto'].values()):.2f} times the ideal, "
                      f"static up to {max(table['static'].values()):.2f} times",
                      "Makespan ÷ what no schedule can beat, medians. White: ideal; the darker, the longer it took.")
    left, top, height = 215, 110, 25
    width = (WIDTH - left - 20) / len(scenarios)
    for column, scenario in enumerate(scenarios):
        for line, word in enumerate(scenario.split("-")):
            picture.text(left + (column + .5) * width, top - 24 + 15 * line, word, anchor="middle", fill=SOFT)
    y = top
    for number, policy in enumerate(policies):
        if policy in peers and policies[number - 1] not in peers:
            y += 10
        weight = "bold" if policy == "auto" else "normal"
        name = policy.replace("_", " ") + (" (other tool)" if policy in peers else "")
        picture.text(left - 10, y + 17, name, anchor="end", weight=weight)
        for column, scenario in enumerate(scenarios):
            ratio = table[policy].get(scenario)
            if ratio is None:
                continue
            x = left + column * width
            picture.box(x + 1, y + 1, width - 2, height - 2, shade(ratio), GRID)
            picture.text(x + width / 2, y + 17, f"{ratio:.2f}", anchor="middle", weight=weight,
                         fill=PAPER if ratio > 2.2 else INK)
        if policy == "auto":
            frame = left - 1, y - 1, width * len(scenarios) + 2, height + 2
        y += height
    picture.box(*frame, "none", RED, 2.5)
    return picture


def timeline_panel(picture, rows, policy, top, scale, left):
    """One policy's nodes and their jobs; returns where it ends, below."""
    mine = [row for row in rows if row["policy"] == policy]
    nodes = sorted({int(row["node"]) for row in mine})
    finish = max(float(row["end"]) for row in mine)
    height = 22
    picture.text(20, top - 8, f"{policy}: {finish:.2f} s", size=15, weight="bold", fill=BLUE if policy == "auto" else INK)
    shades = {True: [], False: []}
    dropped = []
    for line, node in enumerate(nodes):
        y = top + line * height
        picture.text(left - 10, y + 15, f"node {node}" + (", 4 × slower" if line == 0 else ""), anchor="end",
                     weight="bold" if line == 0 else "normal")
        picture.box(left, y + 2, finish * scale, height - 4, "#f0f2f4")
        jobs = sorted((row for row in mine if int(row["node"]) == node), key=lambda row: float(row["start"]))
        for number, row in enumerate(jobs):
            begin, end = float(row["start"]), float(row["end"])
            bar = (left + begin * scale, y + 2, max((end - begin) * scale, .3), height - 4)
            (shades[number % 2 == 0] if row["outcome"] == "solved" else dropped).append(bar)
    picture.bars(shades[True], BLUE)
    picture.bars(shades[False], SKY)
    if dropped:
        picture.bars(dropped, ORANGE)
    bottom = top + len(nodes) * height
    picture.line([(left + finish * scale, top - 4), (left + finish * scale, bottom + 4)], RED, 2)
    return bottom


def timeline(rows):
    finish = {policy: max(float(row["end"]) for row in rows if row["policy"] == policy) for policy in ("static", "auto")}
    longest = max(finish.values())
    left = 165
    scale = (WIDTH - left - 30) / longest
    picture = Picture(f"With one slow node, auto is done after {finish['auto']:.1f} s, static after {finish['static']:.1f} s",
                      "The same jobs, unequal in length. Blue: jobs, one after the other; light grey: idle; "
                      "orange: copies given up; red: the end.")
    bottom = timeline_panel(picture, rows, "static", 98, scale, left)
    bottom = timeline_panel(picture, rows, "auto", bottom + 42, scale, left)
    step = next(step for step in (.1, .2, .5, 1, 2, 5, 10, 20, 50, 100) if longest / step <= 10)
    for tick in range(int(longest / step) + 1):
        x = left + tick * step * scale
        picture.line([(x, bottom + 6), (x, bottom + 11)], SOFT)
        picture.text(x, bottom + 25, f"{tick * step:g} s", size=12, fill=SOFT, anchor="middle")
    return picture


def curves(rows):
    """Efficiency by mean time of a job, then (policy, solvers per node): a list of (solvers, efficiency)."""
    found = defaultdict(lambda: defaultdict(list))
    for row in rows:
        solvers = int(row["nodes"]) * int(row["solvers"])
        found[row["scenario"]][row["policy"], int(row["solvers"])].append((solvers, 1 / float(row["ratio"])))
    return {mean: {key: sorted(points) for key, points in of_mean.items()} for mean, of_mean in found.items()}


def reach(points, share=.8):
    """In words, how many solvers are kept busy for this share of the time: where the curve crosses it."""
    for (fewer, above), (more, below) in zip(points, points[1:]):
        if above >= share > below:
            part = (above - share) / (above - below)
            solvers = math.exp(math.log(fewer) + part * math.log(more / fewer))
            digits = 10 ** (math.floor(math.log10(solvers)) - 1)
            return f"{round(solvers / digits) * digits:,}"
    return f"over {points[-1][0]:,}" if points[-1][1] >= share else "no"


def scaling_axes(picture, left, top, width, height, place):
    for share in (0, .25, .5, .75, 1):
        y = top + height * (1 - share)
        picture.line([(left, y), (left + width, y)], GRID)
        if left < 100:
            picture.text(left - 8, y + 4, f"{share:.0%}", size=12, fill=SOFT, anchor="end")
    for power in range(1, 6):
        x = place(10 ** power)
        picture.line([(x, top + height), (x, top + height + 5)], SOFT)
        picture.text(x, top + height + 19, ("10", "100", "1000", "10⁴", "10⁵")[power - 1], size=12, fill=SOFT, anchor="middle")
    picture.text(left + width / 2, top + height + 37, "solvers", size=12, fill=SOFT, anchor="middle")


def scaling_legend(picture, y, colours, shapes):
    x = 60
    for policy, colour in colours.items():
        picture.line([(x, y - 4), (x + 24, y - 4)], colour, 2.5)
        picture.text(x + 30, y, policy, weight="bold" if policy == "auto" else "normal")
        x += 95
    for per_node, (shape, dash) in shapes.items():
        picture.line([(x, y - 4), (x + 36, y - 4)], SOFT, 1.5, dash)
        picture.marker(x + 18, y - 4, SOFT, shape)
        picture.text(x + 42, y, f"{per_node} solver{'s' if per_node > 1 else ''} per node")
        x += 185


def scaling(rows):
    colours = {"auto": BLUE, "self": ORANGE, "static": GREY}
    shapes = {1: ("circle", ""), 16: ("triangle", "7 3"), 64: ("square", "2 3")}
    found = curves(rows)
    long, short = list(found)[0], list(found)[-1]
    most = {(mean, per_node): reach(found[mean]["auto", per_node]) for mean in (long, short) for per_node in shapes}
    picture = Picture(f"auto keeps {most[short, 64]} solvers busy with jobs of {short}, {most[long, 64]} with jobs of {long}",
                      "Efficiency (ideal ÷ makespan) of one Main Node and 20 jobs per solver, simulated. Busy is 80 %. That is "
                      "with 64 solvers", f"per node; with 1 or 16, it keeps {most[short, 1]} or {most[short, 16]} busy with jobs of {short}.")
    scaling_legend(picture, 104, colours, shapes)
    left, top, height, gap = 60, 150, 240, 34
    width = (WIDTH - left - 20 - 2 * gap) / 3
    for panel, (mean, by_key) in enumerate(found.items()):
        x0 = left + panel * (width + gap)

        def place(solvers, x0=x0):
            return x0 + (math.log10(solvers) - 1) / 4 * width

        picture.text(x0, top - 10, f"jobs of {mean}", size=14, weight="bold")
        scaling_axes(picture, x0, top, width, height, place)
        for (policy, per_node), points in sorted(by_key.items(), reverse=True):
            shape, dash = shapes[per_node]
            spots = [(place(solvers), top + height * (1 - efficiency)) for solvers, efficiency in points]
            picture.line(spots, colours[policy], 2.5 if policy == "auto" else 1.5, dash)
            for x, y in spots:
                picture.marker(x, y, colours[policy], shape)
    return picture


if __name__ == "__main__":
    kinds = {"ratios": ratios, "timeline": timeline, "scaling": scaling}
    if len(sys.argv) != 3 or sys.argv[1] not in kinds:
        sys.exit("usage: picture.py ratios|timeline|scaling CSV")
    print(kinds[sys.argv[1]](rows_of(sys.argv[2])).svg())
