"""The exam: students' code and the tests that judge it, in separate processes (Linux only).

Four roles, and who talks to whom:

The **conductor** (`exam_pool.Conductor.examine`) is the process that grades. For each submission it
holds an exam (`exam.Exam.run`), collects what is reported of it (`results.Report`), and decides
what is the student's doing and what the machine's. If a process dies that no student can have
ended, it holds the exam again.

The **proctor** (`proctor.Proctor`) is started once by the conductor (`proctor_client.Proctoring`). It
imports the libraries, runs no cell, and forks the two others whenever it is ordered to; it says how
they ended (`proctor_client.Ended`).

The **examiner** (`examiner.Examiner.run`) runs given cells and tests, and is trusted. The conductor
sends it one `messages.Job`; by `reports.Line` it reports `CellBegun`, `CellEnded` and `Remarked`, and
asks for a candidate (`ForkCandidate`, `InterruptCandidate`, `EndCandidate`).

The **candidate** (`candidate.Candidate.serve`) runs the student's cells, locked in by
`confine.Confinement.enter`. It never receives a test, and is believed nothing.

What a call in a test goes through: a name that the examiner does not know is looked up
(`namespace.ExamNamespace`, `candidate_client.Link.lookup`) and comes back as a value or as a handle
(`proxies.Handle`; `proxy_kinds` says what it can do). A call of the handle is a `messages.Call`
(`candidate_client.Link.request`), which `conversation.Conversation.ask` encodes (`encoding`), sends (`channel`)
and waits for. The candidate does it (`Candidate._do`) and answers `Returned` or `Raised`; meanwhile
it may call a function of the test's (`CallBack`). All that comes from a candidate is decoded by
`decoding` and checked by `replies.read`, within `Conversation.blamed`: any error in it ends the
candidate, and the test, and nothing else.

A test earns its points if no error is among its outputs when it has come to its end
(`verdicts.verdict`). To see why one did not: ``autograder check --exam --trace NOTEBOOK``, which
tells each request and its answer (`tracing.TracedConversation`).
"""
