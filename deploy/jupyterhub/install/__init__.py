"""The parts of the installer: its command, the Python environment, the courses, the backup.

They need only the standard library. The images for Kubernetes use `environment` and `courses`, too.
"""
