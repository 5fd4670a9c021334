"""Calibrated logistic models as plain arrays: fitted by scikit-learn, applied by NumPy alone."""
