"""Grade a class: the way of one submission, from the folder of submissions to the gradebook.

`grade.grade` runs it for every student of a topic, in one process that alone writes the gradebook;
`command.grade_and_show` shows the run to a person. Names without a package are of this one;
`autograder.submissions` and `autograder.gradebook` are the two others on the way.

For a whole run, once:

- `lock.turn` lets one run at a time grade a course, `autograder.gradebook.session.Ledger` opens the
  gradebook, and `autograder.gradebook.assignment.load` reads the topic's plan from it: the
  instructor's cells, and earlier releases.
- `context.Context` holds what all steps share, `exam_engine.ExamEngine` the proctor that holds
  exams.

For one submission, in this order:

1. `autograder.submissions.layout.collect` finds the student's folder, and whose it is
   (`autograder.submissions.layout.HandedIn`).
2. `opening.open_submission` takes the steps up to the exam; any fault of the submission becomes its
   reason. Steps a, c and d are in `autograder.submissions`:

   a. `autograder.submissions.intake.take` makes a clean copy of the folder: regular files only,
      within the caps of `autograder.submissions.clean_copy.Caps`, opened by
      `autograder.submissions.safe_open`.
   b. `autograder.gradebook.up_to_date.Fingerprints.of` sums up all that decides the grade. Where
      `unchanged.unchanged` finds a grade with the same digest in the gradebook, the way ends here.
   c. `autograder.submissions.reading.read` finds the notebook (`autograder.submissions.places`
      looks into folders, archives and scripts), and `autograder.submissions.notebook_file.load`
      reads it. It is parsed here, and nowhere after.
   d. `autograder.submissions.repair.repair` brings the cells into the form of the plan:
      `autograder.submissions.cell_matching` and `autograder.submissions.recognise` match cells,
      `autograder.submissions.written_answers` finds answers, `autograder.submissions.differences`
      says what differs from the released notebook.
   e. `nbgrader_autograde.ClassConverter.sanitise` runs nbgrader's steps before the execution; those
      that use the gradebook are in `nbgrader_steps`. The result is an `engine.Job`.

3. `workers.Workers.run` gives the job to the engine, on a thread of this machine, or
   `autograder.cluster` sends it to a cluster, as text. `exam_engine.ExamEngine.examine` holds the
   exam (see `autograder.exam`); its `autograder.exam.results.ExamResult` has the notebook with
   outputs.
4. `recorder.Recorder.close` records the result, all of it or nothing:

   a. `autograder.gradebook.session.Ledger.writing` opens the submission's records in one
      transaction.
   b. `nbgrader_autograde.ClassConverter.record` runs nbgrader's steps after the execution, which
      write the scores; `autograder.gradebook.scores` resets them before, and gives 0 to a test that
      is missing.
   c. `autograder.gradebook.scores.count_voided` counts what was decided of tests after the release,
      `autograder.gradebook.penalties` takes off late penalties.
   d. `autograded.stage` and `autograded.publish` put the notebook with outputs where nbgrader looks
      for it, with the digest and the remarks in its metadata
      (`autograder.gradebook.up_to_date.note`).

5. The outcome is an `autograder.gradebook.records.Submission`: scores, remarks, times. It is shown
   at once, and `autograder.gradebook.records.summary` writes all of them for ``--json``.

What goes wrong ends in one of two ways, both in `recorder`. A submission that is itself the cause
scores 0 with the reason. Where a machine, a worker or the gradebook is the cause, the grade stays
as it was, the submission is named as not graded, and the next run tries again.

nbgrader's own commands go another way: `preprocessors` is the exam and the repairs as two of
nbgrader's steps.
"""
