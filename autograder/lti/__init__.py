"""Grades into the LMS: Assignment and Grade Services of LTI 1.3, without anybody's launch."""
