"""The demo: ten stories that the README's tour tells, and a district's letters of two months."""

from webapp.demo.stories import install_demo_cases

__all__ = ["install_demo_cases"]
