"""Grade a class: the way of one submission, from the folder of submissions to the gradebook.

`grade.grade` runs it for every student of a topic, in one process that alone writes the gradebook;
`command.grade_and_show` shows the run to a person. For a whole run, once:

- `lock.turn` lets one run at a time grade a course, `command.Ledger` opens the gradebook, and
  `assignment.load` reads the topic's plan from it: the instructor's cells, and earlier releases.
- `context.Context` holds what all steps share, `exam_engine.ExamEngine` the proctor that holds
  exams.

For one submission, in this order:

1. `layout.collect` finds the student's folder, and whose it is (`layout.HandedIn`).
2. `opening.open_submission` takes the steps up to the exam; whatever is wrong with the submission
   becomes its reason:

   a. `intake.take` makes a clean copy of the folder (`clean_copy.Taken`): regular files only,
      within the caps of `clean_copy.Caps`, opened by `safe_open` and copied by `copying`.
   b. `up_to_date.Fingerprints.of` sums up all that decides over the grade. Where `unchanged.unchanged`
      finds a grade with the same digest in the gradebook, the way ends here.
   c. `reading.read` finds the notebook (`places` looks into folders, archives and scripts), and
      `notebook_file.load` reads it. It is parsed here, and nowhere after.
   d. `repair.repair` brings the cells into the form of the plan: `cell_matching` and `recognise` match
      cells, `written_answers` finds answers, `differences` says what differs from what was handed out.
   e. `nbgrader_autograde.ClassConverter.sanitise` runs nbgrader's steps before the execution; those that use
      the gradebook are in `nbgrader_steps`. The result is an `engine.Job`.

3. `workers.Workers.run` gives the job to the engine, on a thread of this machine, or
   `autograder.cluster` sends it to a cluster, as text. `exam_engine.ExamEngine.examine` holds the exam
   (see `autograder.exam`); its `autograder.exam.results.ExamResult` has the notebook with outputs.
4. `recorder.Recorder.close` records the result, all of it or nothing:

   a. `command.Ledger.writing` opens the submission's records (`command.Entry`) in one transaction.
   b. `nbgrader_autograde.ClassConverter.record` runs nbgrader's steps after the execution, which write the
      scores; `scores` resets them before, and gives 0 to a test that is missing.
   c. `scores.count_voided` counts what was decided of tests after the release, `penalties` takes
      off what lateness costs.
   d. `autograded.stage` and `autograded.publish` put the notebook with outputs where nbgrader looks
      for it, with the digest and the remarks in its metadata (`up_to_date.note`).

5. The outcome is a `records.Submission`: scores, remarks, times. It is shown at once, and
   `records.summary` writes all of them for ``--json``.

What goes wrong ends in one of two ways, both in `recorder`. A submission that is itself the cause
scores 0 with the reason. Where a machine, a worker or the gradebook is the cause, the grade stays
as it was, the submission is named as not graded, and the next run tries again.

nbgrader's own commands go another way: `preprocessors` is the exam and the repairs as two of
nbgrader's steps.
"""
