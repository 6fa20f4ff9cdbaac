"""The exam: students' code and the tests that judge it, in separate processes (Linux only).

Four roles, and who talks to whom:

The **exam pool** (`processes.exam_pool.ExamPool.examine`) is part of the process that grades. For
each submission it runs an exam (`exam.Exam.run`), collects the reports (`results.Report`), and
decides whether a failure was caused by the student or by the machine. If a process dies that no
student can have ended, it runs the exam again.

The **proctor** (`processes.proctor.Proctor`) is started once by the exam pool
(`processes.proctor_client.ProctorClient`). It imports the libraries, runs no cell, and forks the
two others on request; it reports how they ended (`processes.proctor_client.Ended`).

The **examiner** (`examiner.Examiner.run`) runs given cells and tests, and is trusted. The exam pool
sends it one `messages.Job`; by `remote.reports.Reports` it reports `CellBegun`, `CellEnded` and
`Remarked`, and asks for a candidate (`ForkCandidate`, `InterruptCandidate`, `EndCandidate`).

The **candidate** (`candidate.Candidate.serve`) runs the student's cells, confined by
`processes.confine.Confinement.enter`. It never receives a test, and nothing it says is trusted.

How a call in a test is made: a name that the examiner does not know is looked up
(`notebook.namespace.ExamNamespace`, `remote.candidate_client.CandidateClient.lookup`) and arrives
as a value or as a proxy (`remote.proxies.Proxy`; `remote.proxy_kinds` defines its operations). A
call of the proxy is a `messages.Call` (`CandidateClient.request`), which
`remote.conversation.Conversation.ask` encodes (`wire.encoding`) and sends (`wire.channel`); it
waits for the answer. The candidate makes the call (`Candidate._do`) and answers `Returned` or
`Raised`; meanwhile it may call a function of the test (`CallBack`). All data from a candidate is
decoded by `wire.decoding` and checked by `wire.replies.read`, within `Conversation.blamed`: an
error in it ends the candidate and the test, and nothing else.

A test earns its points if it runs to its end without an error among its outputs
(`verdicts.verdict`). To see why a test failed: ``autograder check --exam --trace NOTEBOOK``, which
prints each request and its answer (`remote.tracing.TracedConversation`).
"""
