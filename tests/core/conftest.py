from hypothesis import settings

# A busy machine is no failure: no test here fails by the clock.
settings.register_profile("peerdesk", deadline=None)
settings.load_profile("peerdesk")
