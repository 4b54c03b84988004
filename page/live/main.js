// Starts the live pieces.
