# SPDX-License-Identifier: LGPL-2.1-or-later
"""A run's figures: kept one by one, summed up when asked."""
import json
import os
import statistics

KEY = ("scenario", "place", "ring", "touch", "wait", "connections", "size")


class Malformed(Exception):
    pass


def check_writable(path):
    """Now, and not after half an hour."""
    with open(path, "a", encoding="utf-8"):
        pass
    if os.path.getsize(path) == 0:
        os.unlink(path)


class Results:
    def __init__(self, about, taken, faults):
        self.about, self.taken, self.faults = about, taken, faults
        self._groups = {}
        for result in taken:
            self._groups.setdefault((*self.key(result), result["peer"]), []).append(result)

    @property
    def in_lab(self):
        """Between Xen domains, and not on one machine's local platform."""
        return self.about.get("platform", "local") != "local"

    @staticmethod
    def key(result):
        return tuple(result[name] for name in KEY)

    def cases(self, **wanted):
        """The keys, as dictionaries, of what was measured, in the order of the run."""
        seen = dict.fromkeys(self.key(result) for result in self.taken)
        cases = [dict(zip(KEY, key)) for key in seen]
        return [case for case in cases if all(case[name] == value for name, value in wanted.items())]

    def peers(self, case):
        return list(dict.fromkeys(result["peer"] for result in self.taken if self.key(result) == tuple(case.values())))

    def values(self, case, peer, name):
        """{round: value}"""
        group = self._groups.get((*(case[part] for part in KEY), peer), [])
        return {result["round"]: result[name] for result in group if result.get(name) is not None}

    def spread(self, case, peer, name):
        """(min, median, max), or None."""
        values = list(self.values(case, peer, name).values())
        return (min(values), statistics.median(values), max(values)) if values else None

    def median(self, case, peer, name):
        spread = self.spread(case, peer, name)
        return spread[1] if spread else None

    def places(self):
        return list(dict.fromkeys(result["place"] for result in self.taken))

    def ratios(self, case, peer, other, name):
        """(min, median, max) over the rounds of peer / other, each within its round, or None."""
        ours, theirs = self.values(case, peer, name), self.values(case, other, name)
        ratios = [ours[number] / theirs[number] for number in ours if theirs.get(number)]
        return (min(ratios), statistics.median(ratios), max(ratios)) if ratios else None

    def ratio(self, case, peer, other, name):
        ratios = self.ratios(case, peer, other, name)
        return ratios[1] if ratios else None

    def write(self, path):
        with open(path, "w", encoding="utf-8") as file:
            json.dump({**self.about, "faults": self.faults, "results": self.taken}, file, indent=1)
            file.write("\n")


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            about = json.load(file)
        taken, faults = about.pop("results"), about.pop("faults")
        return Results(about, taken, faults)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"{path} is not a file of this benchmark's results: {error!r}") from error
