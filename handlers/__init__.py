"""The domain: records, people, calendar and legal clocks, letters, and what service tasks call.

Knows neither SpiffWorkflow nor Flask.
"""
