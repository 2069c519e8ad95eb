"""How fast one server is asked: how many questions at a time, and when one counts as lost.

The bound is one of rate and of burst. ``RATE`` questions a second are what 256 under way make of a way of
20 ms; on a short way the same 256 would be a burst that overflows a server's receive buffer as systems set
it (212,992 octets on Linux, which is some hundred datagrams with their bookkeeping; tried), so there
no more than ``BURST`` wait for an answer. All processes of a run share one bound.

Nothing here has a clock: seconds come in.
"""

from __future__ import annotations

from mailwright.resolving.sharing import share

#: Questions under way at one address: until its first answer, on a short way, on a long one.
AT_FIRST, BURST, MOST = 16, 96, 512
#: Questions a second, once more than BURST are under way.
RATE = 25_600
#: Seconds: the first pause before a question is sent again, and the bounds of later ones.
FIRST_PAUSE, SHORTEST, LONGEST = 0.4, 0.05, 3.0
#: Times that a question is sent again without a longer pause.
BY_CHANCE = 2
#: Lost questions of so many from which on it is no chance but too much: then half as many go out.
CROWDED, COUNTED = 51, 256


class Pace:
    """One server's.

    ``pause``: seconds until a first sending counts as lost; ``window``: questions under way at a time.
    """

    __slots__ = (
        *("_careful", "_least", "_lost", "_mean", "_most", "_newest", "_over", "_probes", "_spread"),
        *("pause", "window"),
    )

    def __init__(self) -> None:
        self.pause = FIRST_PAUSE
        self.window = float(share(AT_FIRST))
        self._most = 0  # none known until it has answered
        self._mean = self._spread = 0.0  # of the round-trip time, as RFC 6298 §2 keeps them
        self._least = LONGEST
        self._newest = 0.0  # when the youngest question was sent that has been answered
        self._probes = 0
        self._over = self._lost = 0  # questions answered, and those whose first sending was not
        self._careful = False

    @property
    def known(self) -> bool:
        """Whether its round-trip time is known."""
        return bool(self._most)

    def heard(self, now: float, first: float, last: float, tries: int) -> None:
        """An answer came to a question that was sent ``tries`` times, from ``first`` to ``last``."""
        self._probes = 0
        self._newest = max(self._newest, first)
        self._over += 1
        if tries == 1 or (tries == 2 and now - last < self._least):
            self._took(now - first)  # too soon for the second sending: the first was late, not lost
        else:
            self._lost += 1
        if self._lost >= CROWDED:
            self.window = max(self.window / 2, share(AT_FIRST))
            self._careful = True
        if self._lost >= CROWDED or self._over >= COUNTED:
            self._over = self._lost = 0

    def _took(self, seconds: float) -> None:
        if self._most:
            self._spread += (abs(seconds - self._mean) - self._spread) / 4
            self._mean += (seconds - self._mean) / 8
        else:
            self._mean, self._spread = seconds, seconds / 2
        if seconds < self._least or not self._most:
            self._least = min(seconds, self._least)
            self._most = share(int(min(max(self._least * RATE, BURST), MOST)))
            self.window = min(max(self.window, share(BURST)), self._most)
        elif self.window < self._most:
            self.window += 1.0 / self.window if self._careful else 1.0
        estimate = self._mean + 4 * self._spread
        self.pause = SHORTEST if estimate < SHORTEST else LONGEST if estimate > LONGEST else estimate

    def lost(self, sent: float) -> bool:
        """Whether what was sent at ``sent``, and not answered in its time, is to be sent again.

        Where a later one has been answered, it is lost. Where none has, all of them may only be late, or the
        server away: then a few ask again and the others wait for what these are told (as RFC 8985 §7.3 does).
        """
        if sent < self._newest:
            return True
        self._probes += 1
        return self._probes <= share(AT_FIRST)

    def again(self, pause: float, tries: int) -> float:
        """The pause after a sending, where the last one was ``pause``: ever longer (RFC 8085 §3.1.1).

        The first few are as short as the server is quick: one that answers loses a question by chance.
        """
        if self.known and tries <= BY_CHANCE:
            return max(pause, self.pause)
        return min(pause * 2, LONGEST)
