"""The facts that the journal holds, a file for each subject."""
