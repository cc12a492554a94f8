"""A model of a cluster, fed with what was measured: what more machines would carry."""
