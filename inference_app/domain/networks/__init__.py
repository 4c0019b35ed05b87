"""Our own network definitions. Importing a module here loads torch."""
