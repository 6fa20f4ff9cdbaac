"""Send grades to the LMS: Assignment and Grade Services of LTI 1.3; no launch is needed."""
