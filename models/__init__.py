"""Classifiers, baselines, calibration, and the Predictor that is registered and served as one."""
