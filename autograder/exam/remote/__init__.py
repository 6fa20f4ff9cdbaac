"""The examiner's conversation with the candidate: requests, answers, and proxies of its objects."""
