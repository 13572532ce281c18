from __future__ import annotations

from pathlib import Path

import numpy as np

from app.domain.search.engines.whoosh.prepared import Facet, Prepared, load, save


def test_a_mark_without_a_value_is_read_back(tmp_path: Path) -> None:
    """ "h:staff" says no more than that staff answered."""
    staff = Facet(("",), np.array([0, 1], np.int32), np.array([0], np.int32))
    save(tmp_path / "1.ready", Prepared({"h:staff": staff}, ("word",)))
    found = load(tmp_path / "1.ready")
    assert found is not None
    assert found.facets["h:staff"].values == ("",)
    assert found.words == ("word",)
