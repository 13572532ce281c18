"""The command line `peerdesk`."""
