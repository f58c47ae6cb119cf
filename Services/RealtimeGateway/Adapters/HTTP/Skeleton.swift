// Filled by the first commit that needs this target.
