"""What pgsonde shows: from config/metrics.md, and by version from the golden pages of the integration tests."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = {"job", "instance", "server"}  # of every series, from the scrape and from pgsonde
PROMETHEUS = {"up": set(), "scrape_samples_scraped": set()}
FAMILY = re.compile(r"^([a-z_0-9:]+) (\w+)(?: \{(.*)\})?$")


class Metric:
    def __init__(self, collector, kind, labels, since, interval, extra):
        self.collector, self.kind, self.labels, self.since = collector, kind, labels, since
        self.interval, self.extra, self.majors, self.shown = interval, extra, set(), frozenset()


def duration(text):
    units = {"s": 1, "m": 60, "h": 3600}
    return sum(int(count) * units[unit] for count, unit in re.findall(r"(\d+)([smh])", text))


def read():
    """({metric: Metric}, the majors that have golden pages)."""
    found, collector, interval, extra, database = {}, "", 15, False, False
    for line in (ROOT / "config/metrics.md").read_text().splitlines():
        if line.startswith("## "):
            collector, interval, extra, database = line[3:], 15, False, False
        elif (about := re.search(r"\*(?:light|medium|heavy), every (\w+),(.*)\*$", line)):
            interval, database = duration(about[1]), "in every database" in about[2]
            needs = set(re.findall(r"`([^`]+)`", about[2])) - {"pg_read_all_stats", "pg_monitor"}
            extra = "off by default" in about[2] or bool(needs)
        elif line.startswith("| `"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            labels = set(re.findall(r"`([a-z_]+)`", cells[3])) | ({"datname"} if database else set())
            since = re.match(r"(\d+)", cells[4]) if len(cells) > 5 else None
            found[cells[0].strip("` ")] = Metric(
                collector, cells[1], labels, int(since[1]) if since else 13, interval, extra)
    majors = set()
    for page in sorted((ROOT / "Tests/IntegrationTests/Golden").glob("*.txt")):
        major = int(page.stem.split("-")[0])
        majors.add(major)
        for line in page.read_text().splitlines():
            family = FAMILY.match(line)
            if not family:
                continue
            if family[1] not in found:
                raise SystemExit(f"{page.name} has {family[1]}, config/metrics.md has not")
            found[family[1]].majors.add(major)
            seen = set(family[3].split(", ")) if family[3] else set()
            # A label that one version has not is an empty one to Prometheus.
            if not seen <= found[family[1]].labels:
                raise SystemExit(f"{page.name}: {family[1]} has labels that config/metrics.md has not: {seen}")
    for metric in found.values():
        metric.shown = frozenset(metric.majors)  # as the golden pages have it
        # What only the standby's page has is there on every standby, and what none has, and nothing is needed for, comes
        # when something happens.
        if metric.majors == {17} and metric.since < 17 or not metric.majors and not metric.extra:
            metric.majors = {major for major in majors if major >= metric.since}
    for name, labels in PROMETHEUS.items():
        found[name] = Metric("", "gauge", labels, 13, 15, False)
        found[name].majors = set(majors)
    return found, majors
