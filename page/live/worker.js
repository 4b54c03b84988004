// What the worker runs.
