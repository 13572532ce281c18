"""Demo: a believable sample community, for developers, screenshots and a first look.

Owns no tables. Promises: loads into an empty database only; everything comes about through the
other features' services, as of its own time; two loads at the same instant are alike. The content
lies in content/*.toml.
"""

from app.domain.demo.queries import SAMPLE_PASSWORD, DemoSummary, SignIn, is_empty, sample_sign_ins, summary
from app.domain.demo.service import load

__all__ = ["SAMPLE_PASSWORD", "DemoSummary", "SignIn", "is_empty", "load", "sample_sign_ins", "summary"]
