"""Reading a dump: files, pieces of files, typed rows. Knows no table of ours; runs in helping processes, too."""
