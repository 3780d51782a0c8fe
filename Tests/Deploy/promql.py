"""As much of PromQL as is needed to tell which metrics and labels a query names."""

import re

WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "bool", "offset", "atan2",
         "inf", "nan", "sum", "min", "max", "avg", "count", "topk", "bottomk", "quantile", "stddev", "group"}
LISTS = {"by", "without", "on", "ignoring", "group_left", "group_right"}
TOKEN = re.compile(r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
  | (?P<range>\[[^\]]*\])
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?:ms|[smhdwy])?)
  | (?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)
  | (?P<sign>=~|!~|!=|==|<=|>=|[-+*/%^(){},=<>@])
""", re.VERBOSE)


class Query:
    """What a query names: `selectors` (metric, {label: (operator, value)}, range or None), `grouped` labels."""

    def __init__(self, text):
        self.text, self.tokens, self.selectors, self.grouped = text, tokens(text), [], set()
        words, index = self.tokens + [("end", "")] * 2, 0
        while words[index][0] != "end":
            kind, word = words[index]
            index += 1
            following = words[index][1]
            if kind != "name":
                continue
            if word.lower() in LISTS:
                while following == "(" and words[index][1] != ")":
                    if words[index][0] == "name":
                        self.grouped.add(words[index][1])
                    index += 1
            elif word.lower() not in WORDS and following != "(":
                labels = {}
                if following == "{":
                    while words[index][1] != "}":
                        if words[index][0] == "name":
                            labels[words[index][1]] = (words[index + 1][1], words[index + 2][1][1:-1])
                            index += 2
                        index += 1
                    index += 1
                self.selectors.append((word, labels, words[index][1][1:-1] if words[index][0] == "range" else None))

    @property
    def metrics(self):
        return {name for name, _, _ in self.selectors}

    def works(self, there):
        """Whether there can be a result: every metric is there, but for one side of an `or`."""
        def part(index):
            sides, side = [], True
            while index < len(self.tokens):
                kind, word = self.tokens[index]
                index += 1
                if word == "(":
                    inner, index = part(index)
                    side = side and inner
                elif word == ")":
                    break
                elif word.lower() == "or":
                    sides.append(side)
                    side = True
                elif kind == "name" and word in self.metrics:
                    side = side and there(word)
            return any((*sides, side)), index
        return part(0)[0]


def tokens(text):
    found, at = [], 0
    while at < len(text):
        token = TOKEN.match(text, at)
        if not token:
            raise ValueError(f"not PromQL from {text[at:at + 20]!r}: {text}")
        at = token.end()
        if token.lastgroup != "space":
            found.append((token.lastgroup, token.group()))
    return found


def seconds(window):
    """A range such as 5m or 1h30m, in seconds; None for what Grafana puts in."""
    units = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
    parts = re.findall(r"(\d+)(ms|[smhdwy])", window.split(":")[0])
    return sum(int(count) * units[unit] for count, unit in parts) if parts else None
