"""The audit finds what tests judge wrongly, and says so."""

import json
import shutil
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder import cli
from autograder.audit import trivial
from autograder.audit.audit import PARTS, Auditor, count
from autograder.audit.judging import TopicAudit
from autograder.audit.show import draw
from autograder.course import Course
from autograder.errors import AutograderError
from autograder.exam.results import ExamResult
from autograder.grading.engine import Job
from autograder.grading.exam_engine import ExamEngine
from tests.support import toy_course as toy

HOUSE = Path(__file__).resolve().parents[3]
TOPIC = "toy"

SOUND = '''# %% given="setup"
from nnkit import checks

# %% task="double"
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% test="double" points=2
checks.close(
    double(3), 6, "double(3)", causes=[checks.cause("squared", 9, "It looks like the square.")]
)
### BEGIN HIDDEN TESTS
with checks.hidden():
    for number in (-5.0, 0.5, 7.0):
        checks.close(double(number), 2 * number, "double on other numbers")
### END HIDDEN TESTS

# %%
print("a figure, say")

# %% task="half"
def half(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION

# %% test="half" points=3
checks.close(half(4), 2, "half(4)")
### BEGIN HIDDEN TESTS
with checks.hidden():
    for number in (-5.0, 0.5, 7.0):
        checks.close(half(number), number / 2, "half on other numbers")
### END HIDDEN TESTS

# %% [markdown] task="explain" points=2
# Why?
#
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
#
# ### BEGIN MARK SCHEME
# 2 points for because.
# ### END MARK SCHEME
'''

VARIANTS = '''from autograder.topics.variants import right, wrong


@right
def double(x):
    """Adds."""
    return x + x


@right
def double(x):
    """Shifts."""
    return x / 0.5


@right
def double(x):
    """Sums."""
    return sum([x, x])


@wrong(loses=["double"], diagnosis="sign")
def double(x):
    """Sign."""
    return -2 * x


@wrong(loses=["double"], diagnosis="squared")
def double(x):
    """Squares."""
    return x * x


@wrong(loses=["double"])
def double(x):
    """Nothing."""
    return 0


@wrong(loses=["double"])
def double(x):
    """One answer."""
    return 6


@right
def half(x):
    """Multiplies."""
    return 0.5 * x


@right
def half(x):
    """Subtracts."""
    return x - x / 2


@right
def half(x):
    """Calls the other function's inverse."""

    def inverse(y):
        return y / 2

    return inverse(x)


@wrong(loses=["half"], diagnosis="factor-2")
def half(x):
    """Does nothing."""
    return x


@wrong(loses=["half"])
def half(x):
    """Doubles."""
    return 2 * x


@wrong(loses=["half"])
def half(x):
    """Rounds."""
    return x // 2


@wrong(loses=["half"], diagnosis="sign")
def half(x):
    """Sign."""
    return -x / 2
'''


def course(root: Path, text: str = SOUND, variants: str = VARIANTS, marks: str = "") -> Course:
    folder = root / "solutions" / TOPIC
    folder.mkdir(parents=True)
    config = (HOUSE / "nbgrader_config.py").read_text("utf-8")
    (root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    (folder / f"{TOPIC}.py").write_text(text, encoding="utf-8")
    (folder / "variants.py").write_text(variants, encoding="utf-8")
    if marks:
        (folder / "equivalent.toml").write_text(marks, encoding="utf-8")
    return Course.find(root=root)


class Warm:
    """The exam without a sandbox, whose proctor outlives an audit: starting it takes longest."""

    sandbox = "off"
    examine = ExamEngine(sandbox="off").examine


def audit(made: Course, topic: str = TOPIC, **options) -> TopicAudit:
    with Auditor(made, engine=Warm()) as auditor:
        return auditor.audit(auditor.subject(topic), **options)


@pytest.fixture
def audited(tmp_path):
    """Audit a toy topic, with something changed in it."""

    def run(*changes: tuple[str, str], marks: str = "", **options) -> TopicAudit:
        text, variants = SOUND, VARIANTS
        for old, new in changes:
            assert old in text or old in variants
            text, variants = text.replace(old, new), variants.replace(old, new)
        made = course(tmp_path, text, variants, marks)
        return audit(made, **options)

    return run


@pytest.mark.slow
def test_sound_tests_have_nothing_to_mend(audited):
    found = audited()
    assert found.survivors == []
    assert found.of["right"] == found.full == 6
    assert found.of["wrong"] == found.caught == found.named == 8
    assert found.of["mutant"] == found.killed >= 8
    assert found.of["whole"] == found.whole == 7  # reference, stub, 2 alone, 2 together, memorised
    assert found.of["trivial"] == found.trivial == len(trivial.ANSWERS)
    assert found.cpu_s > 0


def test_a_right_answer_that_loses_points_is_found(audited):
    found = audited(('"""Shifts."""', '"""Shifts."""\n    assert x > 0'), parts=["variants"])
    assert (found.full, found.of["right"]) == (5, 6)
    [text] = found.survivors
    assert "Shifts." in text
    assert "loses double" in text
    assert "AssertionError" in text


def test_a_wrong_answer_that_keeps_points_is_found(audited):
    found = audited(("return x // 2", "return x / 2"), parts=["variants"])
    assert (found.caught, found.of["wrong"]) == (7, 8)
    assert "Rounds.: does not lose half" in found.survivors[0]


def test_a_cause_that_is_not_named_or_wrongly_named_is_found(audited):
    found = audited(('checks.cause("squared", 9', 'checks.cause("none", 0'), parts=["variants"])
    assert (found.caught, found.named) == (8, 6)
    assert 'Squares.: test double names no cause; it should name "squared"' in found.survivors[0]
    assert 'Nothing.: test double names "none"; it should name none' in found.survivors[1]


def test_what_is_found_stands_in_the_order_of_the_variants_whichever_trial_ends_first(tmp_path):
    later = threading.Event()

    class Crossed(Warm):
        def examine(self, job: Job) -> ExamResult:
            if "Rounds." in job.student:
                assert later.wait(60)
            examined = super().examine(job)
            if "Sign." in job.student:
                later.set()
            return examined

    unseen = SOUND.replace("half(4), 2", "half(0), 0").replace(
        "for number in (-5.0, 0.5, 7.0):\n        checks.close(half",
        "for number in [0.0]:\n        checks.close(half",
    )
    made = course(tmp_path, unseen)
    with Auditor(made, jobs=2, engine=Crossed()) as auditor:
        found = auditor.audit(auditor.subject(TOPIC), parts=["variants"], task="half")
    said = [text.split(": ")[2] for text in found.survivors]
    assert said[-2:] == ["Rounds.", "Sign."]
    assert said == sorted(said, key=VARIANTS.rindex)


def test_a_mutant_that_no_test_notices_is_found(audited):
    weak = (
        "for number in (-5.0, 0.5, 7.0):\n        checks.close(half",
        "for number in [0.0]:\n        checks.close(half",
    )
    found = audited(weak, ("checks.close(half(4), 2", "checks.close(half(0), 0"), parts=["mutants"])
    assert "half: `return x / 2` became `return x * 2`: no test fails" in found.survivors
    assert found.killed < found.of["mutant"]


MARK = """[[equivalent]]
task = "half"
was = "return x / 2"
became = "return x * 2"
reason = "{reason}"
"""


def test_a_mark_takes_a_mutant_out_only_if_no_test_notices_it(audited):
    found = audited(marks=MARK.format(reason="it is not"), parts=["mutants"])
    assert found.equivalent == 1
    [text] = found.survivors
    assert "is marked as equivalent (it is not), but loses half" in text


def test_a_mark_without_its_mutant_is_found(audited):
    marks = MARK.replace("x * 2", "x * 3").format(reason="none")
    [text] = audited(marks=marks, parts=["mutants"]).survivors
    assert "there is no mutant half: `return x / 2` became `return x * 3`" in text


@pytest.mark.parametrize(
    ("marks", "message"),
    [
        (MARK.format(reason=" "), "lacks its reason"),
        ('[[equivalent]]\ntask = "half"\n', "lacks became, reason, was"),
        (2 * MARK.format(reason="twice"), "repeats an earlier one"),
        ("[[equivalent", "cannot be read"),
    ],
)
def test_a_mark_that_cannot_be_read_is_an_error(audited, marks, message):
    with pytest.raises(AutograderError, match=message):
        audited(marks=marks, parts=["mutants"])


def test_tests_that_need_another_task_are_found(audited):
    change = ('checks.close(half(4), 2, "half(4)")', 'checks.close(half(double(2)), 2, "half(4)")')
    found = audited(change, parts=["whole"])
    assert found.whole == found.of["whole"] - 1
    assert "only half solved: loses half (NotImplementedError" in found.survivors[0]


def test_a_test_may_say_that_it_needs_another_task(audited):
    found = audited(
        ('checks.close(half(4), 2, "half(4)")', 'checks.close(half(double(2)), 2, "half(4)")'),
        ('# %% test="half" points=3', '# %% test="half" points=3 needs="double"'),
        parts=["whole"],
    )
    assert found.survivors == []


def test_tests_that_can_be_learnt_by_heart_are_found(audited):
    hidden = SOUND[SOUND.index("### BEGIN HIDDEN") : SOUND.index("# %%\nprint")]
    found = audited((hidden, "\n"), parts=["whole"])
    assert found.survivors == ["every visible answer memorised: does not lose double"]


@pytest.mark.slow
def test_tests_that_a_trivial_answer_passes_are_found(audited):
    visible = SOUND[SOUND.index("checks.close(") : SOUND.index("### BEGIN HIDDEN")]
    found = audited(
        (visible, 'checks.close(double(0.0), 0, "twice nothing")\n'),
        ("checks.close(double(number), 2 * number,", "checks.close(double(0.0), 0,"),
        parts=["trivial"],
    )
    assert found.survivors == [
        f"always returns {answer}: does not lose double"
        for answer in (
            *("the first argument", "the last argument", "all arguments"),
            *("the first two arguments", "a copy of the first argument", "zeros", "0"),
        )
    ]
    assert found.of["trivial"] - found.trivial == len(found.survivors)


@pytest.mark.slow
def test_who_needs_another_task_has_it_when_it_answers_trivially(audited):
    found = audited(
        ('# %% test="half" points=3', '# %% test="half" points=3 needs="double"'),
        ("checks.close(half(number), number / 2,", "checks.close(double(half(number)), number,"),
        ('checks.close(half(4), 2, "half(4)")', 'checks.close(double(half(4)), 4, "twice")'),
        parts=["trivial"],
    )
    assert found.survivors == []
    assert found.of["trivial"] == 2 * len(trivial.ANSWERS)


def test_tests_that_cannot_be_listened_to_are_found(audited):
    # Of the notebook that listens, cells that nobody grades are left out.
    outside = ('# %% test="double"', '# %%\nthree = 3\n\n# %% test="double"')
    found = audited(outside, ("double(3), 6", "double(three), 6"), parts=["whole"])
    assert any("memorised: does not lose" in survivor for survivor in found.survivors)


def test_an_answer_without_a_question_is_not_learnt_by_heart(audited):
    text = SOUND.replace("def double(x):", "def double():").replace("return 2 * x", "return 2")
    changes = [(SOUND, text)]
    for asked in ("double(3), 6", "double(number), 2 * number"):
        changes.append((asked, "double(), 2"))
    found = audited(*changes, parts=["whole"])
    assert not any("memorised" in survivor for survivor in found.survivors)


def test_a_stub_that_earns_points_is_found(audited):
    change = (
        'checks.close(half(4), 2, "half(4)")\n### BEGIN HIDDEN TESTS\nwith checks.hidden():\n'
        "    for number in (-5.0, 0.5, 7.0):\n        checks.close(half(number), number / 2, "
        '"half on other numbers")\n### END HIDDEN TESTS\n',
        "assert True\n",
    )
    found = audited(change, parts=["whole"])
    assert any("the untouched notebook: does not lose half" in s for s in found.survivors)


def test_a_figure_that_a_right_answer_breaks_is_found(audited):
    found = audited(
        ('print("a figure, say")', "print(double(3).numerator)\n1 / (half(4) == 2.0)"),
        ("return sum([x, x])", "return float(x + x)"),
        parts=["whole"],
    )
    assert [text for text in found.survivors if "right variants together, 2" in text] == [
        "right variants together, 2: the cell that begins `print(double(3).numerator)` fails "
        "(AttributeError: 'float' object has no attribute 'numerator')"
    ]


def test_tasks_without_enough_variants_are_named(audited):
    found = audited(
        ('@wrong(loses=["half"])\ndef half(x):\n    """Rounds."""\n    return x // 2\n', ""),
        parts=["variants"],
        task="half",
    )
    assert found.survivors == ["task half has 3 wrong variants: write 4 or more"]
    assert found.of["right"] == 3


@pytest.mark.slow
def test_the_progress_bar_ends_at_its_end(tmp_path):
    with Auditor(course(tmp_path), engine=Warm()) as auditor:
        subject = auditor.subject(TOPIC)
        for parts, task in (
            (PARTS, None),
            (("variants", "mutants"), "half"),
            (("whole", "trivial"), None),
        ):
            held = []
            auditor.audit(subject, parts, task, held.append)
            assert len(held) == count(subject, parts, task)


def test_an_unknown_task_or_topic_is_an_error(tmp_path):
    made = course(tmp_path)
    with pytest.raises(AutograderError, match='no task "quarter"'):
        audit(made, task="quarter")
    with pytest.raises(AutograderError, match='no topic "toys"'):
        audit(made, "toys")


@pytest.mark.slow
def test_the_command_prints_the_table_and_leaves_json_and_figures(tmp_path):
    course(tmp_path, variants=VARIANTS.replace("return x // 2", "return x / 2"))
    summary, figures = tmp_path / "audit.json", tmp_path / "figures"
    command = ["audit", TOPIC, "--course", str(tmp_path), "--json", str(summary)]
    done = CliRunner().invoke(cli.app, [*command, "--figures", str(figures)])
    assert done.exit_code == 1, done.output
    assert "does not lose half" in done.output
    told = json.loads(summary.read_text("utf-8"))[TOPIC]
    assert told["right"] == [6, 6]
    assert told["wrong"] == [7, 8]
    assert told["mutants"][0] == told["mutants"][1]
    assert told["survivors"]
    assert told["wall_s"] > 0
    assert (figures / f"{TOPIC}.png").read_bytes().startswith(b"\x89PNG")


def test_the_command_refuses_an_unknown_part(tmp_path):
    course(tmp_path)
    done = CliRunner().invoke(cli.app, ["audit", "--course", str(tmp_path), "--only", "half"])
    assert done.exit_code == 2


def test_a_figure_of_nothing_but_variants_is_drawn(tmp_path):
    found = TopicAudit(TOPIC, full=3, caught=2, named=1)
    found.of.update(right=3, wrong=4)
    assert draw(found, tmp_path).exists()


def test_a_stopped_audit_shows_the_topics_that_are_done(tmp_path, monkeypatch):
    made = course(tmp_path)
    heard = []

    def stop(self, subject, *_):
        if heard:
            raise KeyboardInterrupt
        heard.append(subject.topic.name)
        return TopicAudit(subject.topic.name, survivors=["a test is missing"])

    shutil.copytree(made.solutions / TOPIC, made.solutions / "toys")
    (made.solutions / "toys" / f"{TOPIC}.py").rename(made.solutions / "toys" / "toys.py")
    monkeypatch.setattr(Auditor, "audit", stop)
    monkeypatch.setattr(ExamEngine, "of", lambda *_, **__: Warm())
    done = CliRunner().invoke(cli.app, ["audit", "--course", str(tmp_path)])
    assert done.exit_code == 130
    assert "a test is missing" in done.output
    assert "The results of 1 of 2 topics are shown above" in done.output


@pytest.mark.slow
def test_whole_submissions_of_one_task_are_refused_in_words(tmp_path):
    course = toy.make(tmp_path / "course", variants=True)
    with Auditor(course, engine=toy.CannedEngine(), jobs=1) as auditor:
        subject = auditor.subject(toy.TOPIC)
        with pytest.raises(AutograderError, match="omit --task"):
            auditor.audit(subject, ["whole"], "double")
