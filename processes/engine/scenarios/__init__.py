"""Scenarios: process owners' test cases, played through the real engine with time moved by the scenario."""
