"""Send the grades of topics: each student separately, and only what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from autograder.errors import AutograderError
from autograder.exports.grades import ClassGrades, TopicGrades
from autograder.lti import line_items, members, scores, services
from autograder.lti.ledger import Ledger, Sent
from autograder.lti.members import People
from autograder.lti.outcome import Outcome, Wishes
from autograder.lti.platform import Platform
from autograder.lti.policy import Score, decide
from autograder.lti.services import LineItem, There
from autograder.lti.transport import PlatformError

#: After this many students in a row without an answer, the next run sends the others.
PATIENCE = 3


class Sender:
    """Sends scores to one platform.

    Parameters
    ----------
    step
        Called with the number of students that were just processed.
    """

    def __init__(
        self,
        platform: Platform,
        ledger: Ledger,
        wishes: Wishes,
        step: Callable[[int], object] = int,
    ) -> None:
        self._platform, self._ledger, self._wishes, self._step = platform, ledger, wishes, step
        self._failed = 0

    def topic(self, topic: TopicGrades, known: People, items: Sequence[LineItem]) -> Outcome:
        """Send one topic's grades; the outcome has those that cannot be sent, with the reason."""
        settings, wishes = self._platform.settings, self._wishes
        found = scores.ready(
            topic,
            known,
            absent=settings.absent,
            comments=settings.comments,
            provisional=wishes.provisional,
        )
        outcome = Outcome(topic.topic, topic.max_score)
        outcome.absent, outcome.not_sent = found.absent, dict(found.not_sent)
        self._step(len(topic.results) - len(found.scores))
        try:
            self._patient()
            self._place(topic, outcome, items, wanted=bool(found.scores))
            since = datetime.now(UTC)
            there = self._there(outcome)
        except AutograderError as error:
            self._count_failure(error)
            outcome.not_sent |= {score.student: str(error) for score in found.scores}
            self._step(len(found.scores))
            return outcome
        for score in found.scores:
            self._one(score, outcome, there, since)
            self._step(1)
        return outcome

    def _place(
        self, topic: TopicGrades, outcome: Outcome, items: Sequence[LineItem], *, wanted: bool
    ) -> None:
        """Find or make the topic's line item."""
        if topic.max_score <= 0:
            raise AutograderError(f"{topic.topic} has no points, which an LMS cannot hold")
        outcome.item = line_items.find(self._platform.settings, topic.topic, items)
        if outcome.item is None and wanted:
            outcome.made = True
            if not self._wishes.dry_run:
                outcome.item = line_items.make(self._platform, topic)
        most = outcome.item.maximum if outcome.item else None
        if most is not None and most != topic.max_score:
            outcome.remarks.append(
                f"The LMS counts out of {most:g}, the gradebook out of {topic.max_score:g}: the "
                "LMS converts the scores."
            )

    def _there(self, outcome: Outcome) -> dict[str, There] | None:
        """Return the platform's scores by user id; None if it does not let this tool read them."""
        if outcome.item is None or outcome.made:
            return {}
        if services.RESULTS in self._platform.scopes:
            try:
                return services.results(self._platform, outcome.item.url)
            except PlatformError as error:
                if error.busy:
                    raise
        outcome.remarks.append(
            "The LMS does not let this tool read its scores: changes made there cannot be seen."
        )
        return None

    def _one(
        self, score: Score, outcome: Outcome, there: dict[str, There] | None, since: datetime
    ) -> None:
        """Send one student's score, if `decide` says so."""
        url = outcome.item.url if outcome.item else ""
        last = self._ledger.last(url, score.user)
        theirs = (there or {}).get(score.user)
        todo = decide(score, last, theirs, seen=there is not None, force=self._wishes.force)
        if todo.why_not:
            outcome.not_sent[score.student] = todo.why_not
        elif not todo.send:
            outcome.same.append(score.student)
            if todo.note and not self._wishes.dry_run:
                self._ledger.add(_sent(score, url, since))
        elif self._wishes.dry_run:
            self._count(score, outcome, theirs)
        else:
            when = _later(since, last, force=self._wishes.force)
            try:
                self._patient()
                self._post(score, url, when)
            except PlatformError as error:
                self._count_failure(error)
                outcome.not_sent[score.student] = _refusal(error, force=self._wishes.force)
                return
            self._failed = 0
            self._ledger.add(_sent(score, url, when))
            self._count(score, outcome, theirs)

    def _patient(self) -> None:
        """Raise an error after several students in a row without an answer."""
        if self._failed >= PATIENCE:
            raise PlatformError("not tried: the platform does not answer")

    def _count_failure(self, error: AutograderError) -> None:
        given_up = self._failed >= PATIENCE
        if isinstance(error, PlatformError) and not given_up:
            self._failed = self._failed + 1 if error.busy else 0

    def _post(self, score: Score, url: str, when: datetime) -> None:
        """Send a score; if it is refused as old but is there, only an earlier answer was lost."""
        try:
            services.post(self._platform, url, scores.body(score, when, url))
        except PlatformError as error:
            if not self._arrived(score, url, error):
                raise

    def _arrived(self, score: Score, item: str, error: PlatformError) -> bool:
        """Whether the platform already has the score that it refused as old."""
        if error.status not in (400, 409) or services.RESULTS not in self._platform.scopes:
            return False
        try:
            there = services.results(self._platform, item, score.user).get(score.user, There())
        except PlatformError:
            return False
        theirs = there.of(score.maximum)
        return theirs is not None and abs(theirs - score.given) < 1e-4

    def _count(self, score: Score, outcome: Outcome, theirs: There | None) -> None:
        outcome.sent[score.student] = score.given
        outcome.before[score.student] = theirs.of(score.maximum) if theirs else None


def send(
    platform: Platform,
    ledger: Ledger,
    grades: ClassGrades,
    wishes: Wishes,
    step: Callable[[int], object] = int,
) -> tuple[People, list[Outcome]]:
    """Send the grades of all topics to a connected platform.

    Raises
    ------
    AutograderError
        If students cannot be matched with the platform's ids, or a sent score cannot be recorded.
    """
    known = members.find(platform.settings, platform, grades)
    items = services.line_items(platform) if listed(platform) else []
    sender = Sender(platform, ledger, wishes, step)
    return known, [sender.topic(topic, known, items) for topic in grades.topics]


def listed(platform: Platform) -> bool:
    """Whether the platform lets this tool see its line items."""
    return bool(platform.scopes & {services.ITEMS, services.ITEMS_READ})


def _later(since: datetime, last: Sent | None, *, force: bool) -> datetime:
    """Return the time to send with a score: when the platform's scores were read.

    A score that a person enters there after that moment is newer, and the platform keeps it.
    """
    when = datetime.now(UTC) if force else since
    before = _time(last.timestamp) if last else None
    return max(when, before + timedelta(milliseconds=1)) if before else when


def _time(text: str) -> datetime | None:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return None
    return when if when.tzinfo else None


def _sent(score: Score, item: str, when: datetime) -> Sent:
    return Sent(
        item,
        score.user,
        score.student,
        score.given,
        score.maximum,
        score.final,
        score.comment,
        when.isoformat(timespec="milliseconds"),
    )


def _refusal(error: PlatformError, *, force: bool) -> str:
    """Return why a platform did not accept a score.

    Canvas answers 400, not 409, to an older score; only the answer's text names the wrong field.
    """
    older = error.status == 409 or (error.status == 400 and b"timestamp" in error.reply)
    if not older:
        return str(error)
    if force:
        return f"{error}: it treats the score as an old one. Check this machine's clock."
    return f"the LMS has a newer score, and keeps it; --force replaces it: {error}"
