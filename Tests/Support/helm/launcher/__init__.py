"""A stand-in for the `helm` command, with Helm's own library beneath it."""
