"""Regulation profiles as files, without a running house: shown, compared."""
