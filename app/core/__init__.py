"""Tools that know no feature and no HTTP."""
