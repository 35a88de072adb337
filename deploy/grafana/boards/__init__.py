"""The dashboards as code: one module a dashboard; `build.py` beside this folder writes their JSON."""
