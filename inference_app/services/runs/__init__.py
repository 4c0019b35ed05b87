"""Predictors at work on videos."""
