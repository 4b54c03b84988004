"""What every part shares: errors in one sentence, files written whole, progress, command lines."""
