"""MatteWeb: the composition root; the version is read from CHANGELOG.md by the settings."""
