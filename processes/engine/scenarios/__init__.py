"""Scenarios: process owners' test cases for procedures, played through the real engine with time moved by the scenario."""
