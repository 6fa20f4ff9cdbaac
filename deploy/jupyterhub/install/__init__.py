"""The parts of the installer: environment, courses, backup, and the command itself.

All but the courses' settings need nothing but Python; `install.courses` and `install.environment`
also build the images for Kubernetes.
"""
