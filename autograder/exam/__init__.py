"""The exam: students' code and the tests that judge it, in separate processes (Linux only).

Four roles, and who talks to whom:

The **exam pool** (`processes.exam_pool.ExamPool.examine`) is part of the process that grades. For
each submission it holds an exam (`exam.Exam.run`), collects what is reported of it
(`results.Report`), and decides what is the student's doing and what the machine's. If a process
dies that no student can have ended, it holds the exam again.

The **proctor** (`processes.proctor.Proctor`) is started once by the exam pool
(`processes.proctor_client.ProctorClient`). It imports the libraries, runs no cell, and forks the
two others whenever it is ordered to; it says how they ended (`processes.proctor_client.Ended`).

The **examiner** (`examiner.Examiner.run`) runs given cells and tests, and is trusted. The exam pool
sends it one `messages.Job`; by `remote.reports.ReportLine` it reports `CellBegun`, `CellEnded` and
`Remarked`, and asks for a candidate (`ForkCandidate`, `InterruptCandidate`, `EndCandidate`).

The **candidate** (`candidate.Candidate.serve`) runs the student's cells, locked in by
`processes.confine.Confinement.enter`. It never receives a test, and nothing it says is trusted.

The way of a call in a test: a name that the examiner does not know is looked up
(`notebook.namespace.ExamNamespace`, `remote.candidate_client.CandidateClient.lookup`) and comes
back as a value or as a proxy (`remote.proxies.Proxy`; `remote.proxy_kinds` says what it can do). A
call of the proxy is a `messages.Call` (`CandidateClient.request`), which
`remote.conversation.Conversation.ask` encodes (`wire.encoding`), sends (`wire.channel`) and waits
for. The candidate does it (`Candidate._do`) and answers `Returned` or `Raised`; meanwhile it may
call a function of the test's (`CallBack`). All that comes from a candidate is decoded by
`wire.decoding` and checked by `wire.replies.read`, within `Conversation.blamed`: any error in it
ends the candidate, and the test, and nothing else.

A test earns its points if no error is among its outputs when it has come to its end
(`verdicts.verdict`). To see why one did not: ``autograder check --exam --trace NOTEBOOK``, which
prints each request and its answer (`remote.tracing.TracedConversation`).
"""
