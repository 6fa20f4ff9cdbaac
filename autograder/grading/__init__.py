"""Grade a class: the steps of one submission, from the submitted folder to the gradebook.

`grade.grade` runs these steps for every submission of a topic, in one process, which is the only
one that writes to the gradebook. `command.grade_and_show` shows the run in the terminal. Names
without a package belong to this package; the steps also use `autograder.submissions` and
`autograder.gradebook`.

Once for each run:

- `lock.grading_lock` lets one run at a time grade a course.
- `autograder.gradebook.session.OpenGradebook` opens the gradebook, and
  `autograder.gradebook.assignment.load` reads the topic's plan from it: the instructor's cells and
  the earlier releases.
- `context.Context` holds what all steps share, and `exam_engine.ExamEngine` the proctor of the
  exams.

For one submission, in this order:

1. `autograder.submissions.layout.collect` finds the folder and its student
   (`autograder.submissions.layout.HandedIn`).
2. `opening.open_submission` takes the steps up to the exam; a fault of the submission becomes the
   reason for its score of 0. Steps a, c and d are in `autograder.submissions`:

   a. `autograder.submissions.intake.take` makes a clean copy of the folder: regular files only,
      within the caps of `autograder.submissions.clean_copy.Caps`, opened by
      `autograder.submissions.safe_open`.
   b. `autograder.gradebook.up_to_date.Fingerprints.of` computes a digest of all that decides the
      grade. If `unchanged.unchanged` finds a grade with the same digest in the gradebook, the
      remaining steps are skipped.
   c. `autograder.submissions.reading.read` finds the notebook (`autograder.submissions.places`
      looks into folders, archives and scripts), and `autograder.submissions.notebook_file.load`
      parses it. No later step parses it again.
   d. `autograder.submissions.repair.repair` repairs the cells to match the plan:
      `autograder.submissions.cell_matching` and `autograder.submissions.recognise` match cells,
      `autograder.submissions.written_answers` finds written answers,
      `autograder.submissions.differences` reports what differs from the released notebook.
   e. `nbgrader_autograde.ClassConverter.sanitise` runs nbgrader's steps before the execution;
      those that use the gradebook are in `nbgrader_steps`. The result is an `engine.Job`.

3. `workers.Workers.run` gives the job to the engine on a thread of this machine, or
   `autograder.cluster` sends it to a worker of a cluster, as text.
   `exam_engine.ExamEngine.examine` holds the exam (see `autograder.exam`) and returns an
   `autograder.exam.results.ExamResult` with the executed notebook.
4. `recorder.Recorder.close` records the result, all of it or nothing:

   a. `autograder.gradebook.session.OpenGradebook.writing` opens the submission's records in one
      transaction.
   b. `nbgrader_autograde.ClassConverter.record` runs nbgrader's steps after the execution, which
      write the scores; `autograder.gradebook.scores` resets the old scores before, and gives 0 to
      a missing test.
   c. `autograder.gradebook.scores.count_voided` applies the decisions to void tests, and
      `autograder.gradebook.penalties` subtracts late penalties.
   d. `autograded.stage` and `autograded.publish` put the executed notebook where nbgrader looks
      for it, with the digest and the remarks in its metadata
      (`autograder.gradebook.up_to_date.note`).

5. The outcome is an `autograder.gradebook.records.Submission`: scores, remarks, times. It is shown
   at once, and `autograder.gradebook.records.summary` converts all outcomes for ``--json``.

`recorder` handles a failure in one of two ways. If the submission is the cause, it scores 0 with
the reason. If a machine, a worker or the gradebook is the cause, the grade stays as it was, the
submission is reported as not graded, and the next run tries again.

nbgrader's own commands do not use these steps: `preprocessors` makes the exam and the repairs two
of nbgrader's steps.
"""
