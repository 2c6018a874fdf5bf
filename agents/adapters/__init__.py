"""The outside world behind small modules: model sessions, brokers, metrics."""
