"""Taking what was read into our tables, a module for each kind of row."""
